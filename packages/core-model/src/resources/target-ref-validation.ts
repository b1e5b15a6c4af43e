import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import type { PolicyRoles } from './kind.ts';
import { replacedKind } from './replaced-kinds.ts';
import { mustBeAbsent, type Problem } from './resource.ts';
import { tagSelectorProblems } from './tags.ts';

/** The parts of a policy's specification that all policies have in common. */
interface PolicySpec {
  readonly targetRef?: TargetRef;
  readonly to?: readonly Item[];
  readonly from?: readonly Item[];
  readonly rules?: readonly unknown[];
}

interface Item {
  readonly targetRef?: TargetRef;
}

type Kind = NonNullable<TargetRef['kind']>;
type RefField = Exclude<keyof TargetRef, 'kind'>;

/** Which fields a reference of each kind may have beside `kind`. */
const fieldsOf: Readonly<Record<Kind, readonly RefField[]>> = {
  Mesh: ['proxyTypes'],
  MeshSubset: ['tags', 'proxyTypes'],
  MeshGateway: ['name', 'tags'],
  MeshService: ['name', 'namespace', 'labels', 'sectionName'],
  MeshExternalService: ['name', 'namespace', 'labels'],
  MeshMultiZoneService: ['name', 'namespace', 'labels', 'sectionName'],
  MeshServiceSubset: ['name', 'tags'],
  MeshHTTPRoute: ['name', 'namespace', 'labels'],
  Dataplane: ['name', 'namespace', 'labels', 'sectionName'],
};
const named: ReadonlySet<Kind> = new Set([
  'MeshGateway',
  'MeshService',
  'MeshExternalService',
  'MeshMultiZoneService',
  'MeshServiceSubset',
  'MeshHTTPRoute',
]);
/** What a name that refers to something can be made of. */
const nameCharacters = /^[a-z0-9._-]+$/;
const refFields: readonly RefField[] = ['name', 'namespace', 'labels', 'tags', 'mesh', 'sectionName', 'proxyTypes'];

/** What is wrong with the references of a policy, and with which of `to`, `from` and `rules` it has, given the roles of its kind. */
export function targetRefProblems(spec: unknown, roles: PolicyRoles): Problem[] {
  const policy = spec as PolicySpec;
  return [
    ...partProblems(policy, roles),
    ...(policy.targetRef ? refProblems('spec.targetRef', policy.targetRef, roles.targetKinds, 'target') : []),
    ...sectionProblems(policy, roles),
    ...inboundProblems(policy, roles),
    ...itemProblems('to', policy.to, toKinds(policy, roles)),
    ...itemProblems('from', policy.from, roles.fromKinds),
  ];
}

/** What is wrong with one reference. `where` says whether it selects the policy's own proxies or the other side of the traffic. */
export function refProblems(field: string, ref: TargetRef, allowed: readonly string[], where: 'target' | 'peer'): Problem[] {
  const { kind } = ref;
  const ofAnyKind = [...nameProblems(field, ref), ...tagSelectorProblems(`${field}.tags`, ref.tags)];
  if (kind === undefined) return ofAnyKind;
  if (!allowed.includes(kind)) {
    const replaced = replacedKind(kind);
    const reason = `must be one of ${allowed.join(', ')} here; got ${kind}${replaced ? `: ${replaced}` : ''}`;
    return [{ field: `${field}.kind`, reason }, ...ofAnyKind];
  }
  const problems: Problem[] = [];
  for (const other of refFields) {
    if (fieldsOf[kind].includes(other) && !(other === 'proxyTypes' && where === 'peer')) continue;
    if (isSet(ref[other])) problems.push(mustBeAbsent(`${field}.${other}`, ` when kind is ${kind}`));
  }
  const byLabels = ref.labels !== undefined && Object.keys(ref.labels).length > 0;
  if (fieldsOf[kind].includes('labels') && byLabels && (ref.name || ref.namespace)) {
    problems.push(mustBeAbsent(`${field}.labels`, ' when name or namespace is set: select by name or by labels'));
  }
  if (named.has(kind) && !ref.name && !byLabels) {
    const alternative = fieldsOf[kind].includes('labels') ? ', or labels' : '';
    problems.push({ field: `${field}.name`, reason: `must be set when kind is ${kind}${alternative}` });
  }
  problems.push(...ofAnyKind);
  if (ref.proxyTypes?.length === 0)
    problems.push({ field: `${field}.proxyTypes`, reason: 'must be absent or have at least one item' });
  return problems;
}

function nameProblems(field: string, { kind, name }: TargetRef): Problem[] {
  if (!named.has(kind!) || !name || nameCharacters.test(name)) return [];
  return [{ field: `${field}.name`, reason: `must be lower-case letters, digits, -, . and _; got ${JSON.stringify(name)}` }];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== '' && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/** A route has nothing but its own traffic, which `Mesh` stands for. */
function toKinds(policy: PolicySpec, roles: PolicyRoles): readonly string[] {
  return isForRoute(policy, roles) && roles.hasTo ? ['Mesh'] : roles.toKinds;
}

/** Not where it must be for something else: what stands beside may be right for that. */
function isForRoute({ targetRef }: PolicySpec, { targetKinds }: PolicyRoles): boolean {
  return targetRef?.kind === 'MeshHTTPRoute' && targetKinds.includes(targetRef.kind);
}

function itemProblems(part: 'to' | 'from', items: readonly Item[] | undefined, allowed: readonly string[]): Problem[] {
  if (allowed.length === 0) return [];
  return (items ?? []).flatMap(({ targetRef }, index) =>
    targetRef ? refProblems(`spec.${part}[${index}].targetRef`, targetRef, allowed, 'peer') : [],
  );
}

function partProblems(policy: PolicySpec, roles: PolicyRoles): Problem[] {
  const parts = (['to', 'from', 'rules'] as const).filter(
    (part) => ({ to: roles.hasTo, from: roles.hasFrom, rules: roles.hasRules })[part],
  );
  const present = parts.filter((part) => policy[part] !== undefined);
  const problems: Problem[] = [];
  if (parts.length > 0 && !roles.mayBeEmpty && !present.some((part) => policy[part]!.length > 0)) {
    const reason = parts.length === 1 ? 'must have at least one item' : `at least one of ${parts.join(', ')} must have an item`;
    problems.push({ field: parts.length === 1 ? `spec.${parts[0]}` : 'spec', reason });
  }
  if (policy.from?.length && policy.rules?.length) {
    problems.push(mustBeAbsent('spec.rules', ' when from is set: they say the same in two ways'));
  } else if (policy.to?.length && policy.rules?.length) {
    problems.push(mustBeAbsent('spec.rules', ' when to is set: incoming traffic has a policy of its own'));
  }
  return problems;
}

/** Routes have no inbounds. */
function inboundProblems(policy: PolicySpec, roles: PolicyRoles): Problem[] {
  if (!isForRoute(policy, roles)) return [];
  const { from, rules } = policy;
  const given = [...(from?.length ? ['spec.from'] : []), ...(rules?.length ? ['spec.rules'] : [])];
  const when = ' when spec.targetRef.kind is MeshHTTPRoute: it has no incoming traffic of the mesh';
  return given.map((field) => mustBeAbsent(field, when));
}

/** A section of a Dataplane is an inbound: it has no meaning for outgoing traffic, and for the proxy as a whole. */
function sectionProblems({ targetRef, to }: PolicySpec, { hasFrom, hasRules }: PolicyRoles): Problem[] {
  if (targetRef?.kind !== 'Dataplane' || !targetRef.sectionName) return [];
  // What is for its incoming traffic may be what is missing.
  if (!to?.length && (hasFrom || hasRules)) return [];
  const when = to?.length ? 'when to is set' : 'in a policy that is not for incoming traffic';
  return [mustBeAbsent('spec.targetRef.sectionName', ` ${when}: it names an inbound`)];
}
