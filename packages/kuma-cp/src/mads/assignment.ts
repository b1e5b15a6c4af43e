import { identifyingService } from '@kuma-mesh/core-model/dataplane/parts.ts';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import { hostPort } from '@kuma-mesh/core-model/ir/names.ts';
import type { PrometheusEndpoint } from '@kuma-mesh/core-model/proxy/index.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import { header, textField } from '../stream/wire/protobuf.ts';

/** `kuma.observability.v1.MonitoringAssignment`, as Prometheus reads it: something to scrape, and whose it is. */
export interface MonitoringAssignment {
  readonly mesh: string;
  readonly service: string;
  readonly targets: readonly MonitoringTarget[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface MonitoringTarget {
  /** Of the Dataplane; Prometheus calls it `instance`. */
  readonly name: string;
  readonly scheme: 'http' | 'https';
  readonly address: string;
  readonly metrics_path: string;
  /** None: a proxy puts its labels on its metrics itself. */
  readonly labels: Readonly<Record<string, string>>;
}

export const assignmentType = 'type.googleapis.com/kuma.observability.v1.MonitoringAssignment';

export function assignmentOf(dataplane: Resource<Dataplane>, { port, path, tls }: PrometheusEndpoint): MonitoringAssignment {
  const { address = '', advertisedAddress } = dataplane.spec.networking ?? {};
  return {
    mesh: dataplane.mesh,
    service: identifyingService(dataplane) ?? dataplane.name,
    targets: [
      {
        name: dataplane.name,
        scheme: tls === 'Disabled' ? 'http' : 'https',
        address: hostPort(advertisedAddress || address, port),
        metrics_path: path,
        labels: {},
      },
    ],
    labels: {},
  };
}

/** Field numbers are those of the public definition. */
export function encodeAssignment({ mesh, service, targets }: MonitoringAssignment): Uint8Array {
  return Buffer.concat([
    textField(2, mesh),
    textField(3, service),
    ...targets.flatMap((target) => field(4, encodeTarget(target))),
  ]);
}

function encodeTarget({ name, scheme, address, metrics_path: path }: MonitoringTarget): Buffer {
  return Buffer.concat([textField(1, name), textField(2, scheme), textField(3, address), textField(4, path)]);
}

function field(number: number, message: Buffer): Buffer[] {
  return [header(number, message.length), message];
}
