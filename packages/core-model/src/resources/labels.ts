import { fieldPath } from './field-path.ts';
import type { KindDescriptor } from './kind.ts';
import { labelKeyProblem, labelValueProblem } from './names.ts';
import type { Problem, ResourceDraft } from './resource.ts';

type Labels = Readonly<Record<string, string>>;

export interface ControlPlaneIdentity {
  /** Name of the control plane's own zone; empty in a global one. */
  readonly zone: string;
  readonly mode: 'zone' | 'global';
  readonly environment?: 'universal' | 'kubernetes';
}

export type ComputedLabels =
  | { readonly ok: true; readonly labels: Labels }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Kinds of mesh scope that carry no labels of the control plane. */
const unlabelled: ReadonlySet<string> = new Set(['Secret']);

/**
 * The labels that a resource is stored with: the writer's, and those that the control plane sets.
 * @param previous labels of the stored resource that the draft replaces
 */
export function computeLabels(
  draft: ResourceDraft,
  kind: KindDescriptor,
  at: ControlPlaneIdentity,
  previous?: Labels,
): ComputedLabels {
  const own = ownLabels(draft, kind, at);
  const problems = Object.entries(own).flatMap(([key, value]) => {
    const stated = draft.labels[key];
    return key === 'kuma.io/env' || stated === undefined || stated === value ? [] : [conflict(key, value, stated)];
  });
  const origin = draft.labels['kuma.io/origin'];
  const before = previous?.['kuma.io/origin'];
  if (
    before !== undefined &&
    origin !== undefined &&
    origin !== before &&
    problems.every(({ field }) => !field.includes('origin'))
  ) {
    problems.push(conflict('kuma.io/origin', before, origin));
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, labels: { ...draft.labels, ...own } };
}

function ownLabels(draft: ResourceDraft, kind: KindDescriptor, at: ControlPlaneIdentity): Record<string, string> {
  if (kind.name === 'HostnameGenerator') return { 'kuma.io/origin': at.mode };
  if (kind.scope !== 'Mesh' || unlabelled.has(kind.name)) return {};
  return {
    'kuma.io/mesh': draft.mesh,
    'kuma.io/origin': at.mode,
    ...(at.zone !== '' && { 'kuma.io/zone': at.zone }),
    'kuma.io/env': at.environment ?? 'universal',
    ...(kind.name === 'Dataplane' && { 'kuma.io/proxy-type': proxyType(draft.spec) }),
  };
}

function proxyType(spec: unknown): string {
  const { networking } = spec as { readonly networking?: { readonly gateway?: object } };
  return networking?.gateway ? 'gateway' : 'sidecar';
}

function conflict(key: string, expected: string, stated: string): Problem {
  return {
    field: fieldPath('labels', key),
    reason: `must be ${JSON.stringify(expected)} or absent; got ${JSON.stringify(stated)}`,
  };
}

/** What is wrong with the form of keys and values. */
export function labelProblems(labels: Labels): Problem[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const reason = labelKeyProblem(key) ?? labelValueProblem(value);
    return reason ? [{ field: fieldPath('labels', key), reason }] : [];
  });
}

/** Labels of policies that have a meaning, and what they may say. Another value is legal, and as good as none. */
const meanings: Readonly<Record<string, readonly string[]>> = {
  'kuma.io/effect': ['shadow'],
  'kuma.io/policy-role': ['system', 'producer', 'consumer', 'workload-owner'],
};

/** Labels of a policy with a value that means nothing: `Shadow` does not keep a policy from being effective. */
export function labelWarnings(labels: Labels, { policy }: KindDescriptor): string[] {
  if (!policy) return [];
  return Object.entries(meanings).flatMap(([key, known]) => {
    const value = labels[key];
    if (value === undefined || known.includes(value)) return [];
    return [`value "${value}" of label '${key}' has no meaning: it should be ${known.join(' or ')}`];
  });
}
