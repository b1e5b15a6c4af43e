import { inboundProtocol, inboundsOf } from '../dataplane/parts.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { isHttp, type Protocol } from '../ir/protocol.ts';
import { fieldPath, type Path, valueAt } from '../resources/field-path.ts';
import type { PolicyItem, WrittenPolicy } from '../target-ref/policy-spec.ts';
import { proxyTarget } from '../target-ref/proxy-target.ts';
import { includesInbound, type Selecting, selectProxy } from '../target-ref/select-proxy.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import type { ServiceView } from './service-view.ts';
import { selectedProxies } from './touched-proxies.ts';

interface RequestSetting {
  readonly path: Path;
  /** Which protocols it is for. */
  readonly of: (protocol: Protocol) => boolean;
}

const ofHttp1And2 = (protocol: Protocol) => isHttp(protocol) && protocol !== 'grpc';
const ofGrpc = (protocol: Protocol) => protocol === 'grpc';

/** Settings that concern requests, by kind of policy: paths in the `default` of an item. */
const ofRequests: Readonly<Record<string, readonly RequestSetting[]>> = {
  MeshTimeout: [{ path: ['http'], of: isHttp }],
  MeshRetry: [
    { path: ['http'], of: ofHttp1And2 },
    { path: ['grpc'], of: ofGrpc },
    { path: ['tcp'], of: (protocol) => !isHttp(protocol) },
  ],
  MeshHealthCheck: [
    { path: ['http'], of: ofHttp1And2 },
    { path: ['grpc'], of: ofGrpc },
  ],
  MeshFaultInjection: [{ path: ['http'], of: isHttp }],
  MeshRateLimit: [{ path: ['local', 'http'], of: isHttp }],
  MeshCircuitBreaker: [
    // Envoy counts these for requests alone; of connections it limits how many there are, and how many wait.
    ...['maxConnectionPools', 'maxRequests', 'maxRetries'].map((limit) => ({ path: ['connectionLimits', limit], of: isHttp })),
  ],
};

/** Settings of requests where only bytes can be told apart, or where others are made. */
export function idleSettings(snapshot: MeshSnapshot, policy: WrittenPolicy): string[] {
  const { to = [], from = [], rules = [] } = policy.spec;
  const idle = (item: PolicyItem, at: Path, protocol: Protocol) =>
    [...(ofRequests[policy.type] ?? []), ...hashesOfRequests(item.default), ...countsOfAnswers(item.default)]
      .filter(({ path, of }) => !of(protocol) && isStated(valueAt(item.default, path)))
      .map(({ path }) => `field '${fieldPath(...at, ...path)}' has no effect`);
  const outgoing = to.flatMap((item, i) => {
    const service = namedService(snapshot, item.targetRef);
    if (service === undefined) return [];
    const reason = `MeshService "${service.name}" speaks ${service.protocol} now`;
    return idle(item, ['spec', 'to', i, 'default'], service.protocol).map((text) => `${text}: ${reason}`);
  });
  const incoming = [
    ...from.flatMap((item, i) => idle(item, ['spec', 'from', i, 'default'], 'tcp')),
    ...rules.flatMap((item, i) => idle(item, ['spec', 'rules', i, 'default'], 'tcp')),
  ];
  if (incoming.length === 0 || !receivesBytesOnly(snapshot, policy)) return outgoing;
  return [...outgoing, ...incoming.map((text) => `${text}: no inbound that spec.targetRef selects speaks HTTP now`)];
}

function namedService(snapshot: MeshSnapshot, ref: TargetRef | undefined): ServiceView | undefined {
  const named = ref?.kind === 'MeshService' || ref?.kind === 'MeshServiceSubset';
  return named && ref.name ? snapshot.services.get(ref.name) : undefined;
}

/** Whether a policy for some proxies selects inbounds, and none of them speaks HTTP. All of a mesh is never the wrong choice. */
function receivesBytesOnly(snapshot: MeshSnapshot, policy: Selecting): boolean {
  const { kind = 'Mesh' } = policy.spec.targetRef ?? {};
  if (kind === 'Mesh' || kind === 'MeshHTTPRoute') return false;
  let some = false;
  for (const name of selectedProxies(snapshot, policy)) {
    const dataplane = snapshot.dataplanes.get(name)!;
    const selection = selectProxy(policy, proxyTarget(dataplane));
    const selected = inboundsOf(dataplane).filter((_, i) => includesInbound(selection, i));
    if (selected.some((inbound) => isHttp(inboundProtocol(inbound)))) return false;
    some ||= selected.length > 0;
  }
  return some;
}

const partsOfRequests: ReadonlySet<unknown> = new Set(['Header', 'Cookie', 'QueryParameter']);

/** Where a MeshLoadBalancingStrategy may say what is hashed. */
export const hashLists: readonly Path[] = [
  ['hashPolicies'],
  ['loadBalancer', 'ringHash', 'hashPolicies'],
  ['loadBalancer', 'maglev', 'hashPolicies'],
];

/** What is hashed that only a request has. */
function hashesOfRequests(conf: unknown): readonly RequestSetting[] {
  return hashLists.flatMap((path) => {
    const list = valueAt(conf, path);
    if (!Array.isArray(list)) return [];
    return list.flatMap(({ type }, i) => (partsOfRequests.has(type) ? [{ path: [...path, i], of: isHttp }] : []));
  });
}

/** What a MeshCircuitBreaker counts that only answers have, where failures of connections are counted apart. */
function countsOfAnswers(conf: unknown): readonly RequestSetting[] {
  if (valueAt(conf, ['outlierDetection', 'splitExternalAndLocalErrors']) !== true) return [];
  return ['totalFailures', 'gatewayFailures'].map((name) => ({ path: ['outlierDetection', 'detectors', name], of: isHttp }));
}

/** What is switched off on purpose needs no warning. */
export function isStated(value: unknown): boolean {
  return value !== undefined && (value as { readonly disabled?: boolean }).disabled !== true;
}
