import { inboundProtocol, inboundsOf } from '../dataplane/parts.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { isHttp } from '../ir/protocol.ts';
import { fieldPath } from '../resources/field-path.ts';
import type { PolicyItem, PolicyResource } from '../target-ref/policy-spec.ts';
import { proxyTarget } from '../target-ref/proxy-target.ts';
import { includesInbound, type Selecting, selectProxy } from '../target-ref/select-proxy.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { selectedProxies } from './touched-proxies.ts';

type Path = readonly (string | number)[];

/** Values that a policy states and that change nothing: others, or what a service speaks, keep them from it. */
export function idleSettings(
  snapshot: MeshSnapshot,
  policy: Pick<PolicyResource, 'type' | 'labels' | 'spec'>,
): readonly string[] {
  return [...requestSettings(snapshot, policy), ...(policy.type === 'MeshCircuitBreaker' ? localFailures(policy) : [])];
}

/** Settings that concern requests, by kind of policy: paths in the `default` of an item. */
const ofRequests: Readonly<Record<string, readonly Path[]>> = {
  MeshTimeout: [['http']],
  MeshRetry: [['http'], ['grpc']],
  MeshHealthCheck: [['http'], ['grpc']],
  MeshFaultInjection: [['http']],
  MeshRateLimit: [['local', 'http']],
  MeshCircuitBreaker: [['outlierDetection', 'detectors', 'gatewayFailures']],
};

/** Settings of requests where only bytes can be told apart. */
function requestSettings(snapshot: MeshSnapshot, policy: Pick<PolicyResource, 'type' | 'labels' | 'spec'>): string[] {
  const { to = [], from = [], rules = [] } = policy.spec;
  const settings = (item: PolicyItem, at: Path) =>
    [...(ofRequests[policy.type] ?? []), ...hashesOfRequests(item.default)]
      .filter((path) => isStated(valueAt(item.default, path)))
      .map((path) => `field '${fieldPath(...at, ...path)}' has no effect`);
  const outgoing = to.flatMap((item, i) => {
    const service = bytesOnly(snapshot, item.targetRef);
    return service ? settings(item, ['spec', 'to', i, 'default']).map((text) => `${text}: ${service}`) : [];
  });
  const incoming = [
    ...from.flatMap((item, i) => settings(item, ['spec', 'from', i, 'default'])),
    ...rules.flatMap((item, i) => settings(item, ['spec', 'rules', i, 'default'])),
  ];
  if (incoming.length === 0 || !receivesBytesOnly(snapshot, policy)) return outgoing;
  return [...outgoing, ...incoming.map((text) => `${text}: no inbound that spec.targetRef selects speaks HTTP now`)];
}

/** What is switched off on purpose needs no warning. */
function isStated(value: unknown): boolean {
  return value !== undefined && (value as { readonly disabled?: boolean }).disabled !== true;
}

function bytesOnly(snapshot: MeshSnapshot, ref: TargetRef | undefined): string | undefined {
  const named = ref?.kind === 'MeshService' || ref?.kind === 'MeshServiceSubset';
  const service = named && ref.name ? snapshot.services.get(ref.name) : undefined;
  return service && !isHttp(service.protocol) ? `MeshService "${service.name}" speaks ${service.protocol} now` : undefined;
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

/** Hash policies of MeshLoadBalancingStrategy that look at a request. */
function hashesOfRequests(conf: unknown): readonly Path[] {
  const lists: readonly Path[] = [
    ['hashPolicies'],
    ['loadBalancer', 'ringHash', 'hashPolicies'],
    ['loadBalancer', 'maglev', 'hashPolicies'],
  ];
  return lists.flatMap((path) => {
    const list = valueAt(conf, path);
    if (!Array.isArray(list)) return [];
    return list.flatMap(({ type }, i) => (partsOfRequests.has(type) ? [[...path, i]] : []));
  });
}

/** Failures of the connection are counted among all others unless they are told apart. */
function localFailures({ spec }: Pick<PolicyResource, 'spec'>): string[] {
  return (['to', 'from', 'rules'] as const).flatMap((part) =>
    (spec[part] ?? []).flatMap(({ default: conf }, i) => {
      const outliers = ['outlierDetection'];
      const detector = [...outliers, 'detectors', 'localOriginFailures'];
      if (!isStated(valueAt(conf, outliers)) || valueAt(conf, detector) === undefined) return [];
      if (valueAt(conf, [...outliers, 'splitExternalAndLocalErrors']) === true) return [];
      const field = fieldPath('spec', part, i, 'default', ...detector);
      return [`field '${field}' has no effect as long as splitExternalAndLocalErrors is not true`];
    }),
  );
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], value);
}
