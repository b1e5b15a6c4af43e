import { randomUUID } from 'node:crypto';
import type {
  Server,
  ServerDuplexStream,
  ServerUnaryCall,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { DiscoveryRequest, DiscoveryResponse } from '@kuma-mesh/envoy-api/generated/envoy/service/discovery/v3/discovery.ts';
import type { Logger } from 'pino';
import { assignmentType, encodeAssignment } from './assignment.ts';
import type { AssignmentSet, MonitoringAssignments } from './assignments.ts';

const service = '/kuma.observability.v1.MonitoringAssignmentDiscoveryService';

const messages = {
  requestSerialize: (request: DiscoveryRequest) => Buffer.from(DiscoveryRequest.encode(request).finish()),
  requestDeserialize: (bytes: Buffer) => DiscoveryRequest.decode(bytes),
  responseSerialize: (response: DiscoveryResponse) => Buffer.from(DiscoveryResponse.encode(response).finish()),
  responseDeserialize: (bytes: Buffer) => DiscoveryResponse.decode(bytes),
};

export const monitoringAssignmentDiscovery = {
  streamMonitoringAssignments: {
    path: `${service}/StreamMonitoringAssignments`,
    requestStream: true,
    responseStream: true,
    ...messages,
  },
  fetchMonitoringAssignments: {
    path: `${service}/FetchMonitoringAssignments`,
    requestStream: false,
    responseStream: false,
    ...messages,
  },
} as const satisfies ServiceDefinition;

type Stream = ServerDuplexStream<DiscoveryRequest, DiscoveryResponse>;

/** The same assignments over gRPC: one answer, or a stream of them as they change. */
export function addMonitoringService(server: Server, assignments: MonitoringAssignments, log: Logger): void {
  server.addService(monitoringAssignmentDiscovery, {
    streamMonitoringAssignments: (call: Stream) => serveStream(call, assignments, log),
    fetchMonitoringAssignments(
      { request }: ServerUnaryCall<DiscoveryRequest, DiscoveryResponse>,
      answer: sendUnaryData<DiscoveryResponse>,
    ) {
      answer(null, responseOf(assignments.of(request.node?.id ?? '')));
    },
  } satisfies UntypedServiceImplementation);
}

/** One answer is under way at a time; a client that refused one gets the next when there is a change. */
function serveStream(call: Stream, assignments: MonitoringAssignments, log: Logger): void {
  let clientId: string | undefined;
  let sent: string | undefined;
  let underWay = false;
  const send = (): void => {
    if (clientId === undefined || underWay) return;
    const set = assignments.of(clientId);
    if (set.version === sent) return;
    sent = set.version;
    underWay = true;
    call.write(responseOf(set));
  };
  const stop = assignments.onChange(send);
  call.on('data', ({ node, errorDetail }: DiscoveryRequest) => {
    // Clients may say who they are once only.
    clientId ??= node?.id ?? '';
    underWay = false;
    if (errorDetail) log.warn({ clientId, reason: errorDetail.message }, 'a client refused its monitoring assignments');
    send();
  });
  call.on('end', () => call.end());
  for (const event of ['close', 'cancelled', 'error']) call.on(event, stop);
}

function responseOf({ version, assignments }: AssignmentSet): DiscoveryResponse {
  const resources = assignments.map((assignment) => ({ typeUrl: assignmentType, value: encodeAssignment(assignment) }));
  return { versionInfo: version, resources, typeUrl: assignmentType, nonce: randomUUID() };
}
