import { semanticValidators } from '../generated/semantics.ts';
import { validators } from '../generated/validators.js';
import { deprecationWarnings } from './deprecations.ts';
import { isWithin } from './field-path.ts';
import { deepFreeze } from './freeze.ts';
import type { KindDescriptor } from './kind.ts';
import { labelProblems, labelWarnings } from './labels.ts';
import { longDurationProblems } from './long-durations.ts';
import { nameProblem } from './names.ts';
import { nearest } from './nearest.ts';
import { kindByName, kinds } from './registry.ts';
import { replacedKind } from './replaced-kinds.ts';
import { mustBeAbsent, type Problem, type ResourceDraft, type ResourceKey } from './resource.ts';
import { incompleteWithout, isDeeperThan, without, withoutNulls } from './sanitise.ts';
import { jsonType, schemaProblems } from './schema-problems.ts';
import { targetRefProblems } from './target-ref-validation.ts';

/** What the place that a resource is written to already says of it. */
export interface Expected {
  readonly type?: string;
  readonly mesh?: string;
  readonly name?: string;
  /** Mesh of a resource that states none, where the place does not say either. */
  readonly defaultMesh?: string;
}

export type Parsed =
  | {
      readonly ok: true;
      readonly draft: ResourceDraft /** Uses of deprecated fields, and labels that say nothing. */;
      readonly warnings: readonly string[];
    }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[] /** Absent where nothing can be read of it, not even what it is. */;
      readonly partial?: PartialDraft;
    };

/** What can be read of a resource with problems, for those who know of more. */
export interface PartialDraft {
  readonly draft: ResourceDraft;
  /** Whether a further problem of the draft is one of what was written, and not of what had to be left out. */
  readonly isReal: (problem: Problem) => boolean;
}

/** No kind comes near; what is deeper is no resource, and would exhaust the stack. */
const deepest = 64;
/** Nobody reads more at a time. */
const mostProblems = 100;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a resource in the HTTP API's JSON shape. Every problem is reported, not only the first: of the envelope, of the
 * schema, and of the rules between fields. `kri`, `status`, `creationTime` and `modificationTime` are accepted and ignored.
 */
export function parseResource(json: unknown, expected: Expected = {}): Parsed {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return refuse([{ field: '', reason: `a resource must be an object, not ${jsonType(json)}`, kind: 'malformed' }]);
  }
  if (isDeeperThan(deepest, json)) {
    return refuse([{ field: '', reason: `must not be nested deeper than ${deepest} levels`, kind: 'malformed' }]);
  }
  const given = withoutNulls(json) as Json;
  const kind = kindOf(given, expected);
  if (!('name' in kind)) return refuse([kind]);
  // Who leaves `spec` out leaves out what is required in it.
  const stated = kind.shape === 'Spec' ? { ...given, spec: given.spec ?? {} } : given;
  const identity = identify(stated, kind, expected);
  const { problems: bySchema, more } = schemaProblems(validators[kind.name]!, stated, mostProblems);
  const shown = bySchema.map(({ location: _, stray: _s, meant: _m, tooLong: _t, ...problem }) => problem);
  if (more > 0) return refuse([...identity.problems, ...shown], more);
  const unusable = bySchema.filter(({ tooLong }) => !tooLong);
  const usable = without(stated, unusable) as Json;
  const draft: ResourceDraft = {
    ...identity.key,
    labels: (usable.labels ?? {}) as Record<string, string>,
    spec: specOf(usable, kind),
  };
  // A rule about what the schema refused would only repeat that in other words, and one that misses something of an object
  // may miss just what was taken out of it.
  const incomplete = incompleteWithout(unusable);
  const isRefused = (field: string) => unusable.some((known) => isWithin(field, known.field));
  const isMisspelt = (field: string) => bySchema.some(({ meant }) => meant === field);
  const isReal = ({ field, given = [], unwanted }: Problem) =>
    (unwanted || !incomplete.has(field)) && !isRefused(field) && !given.some((other) => isRefused(other) || isMisspelt(other));
  const problems = [...identity.problems, ...shown, ...ruleProblems(draft, kind).filter(isReal)];
  // A wrong name leaves the rest as wrong as it is; without its mesh a resource stands nowhere.
  const isPlaced = identity.problems.every(({ field }) => field === 'name');
  const named = { ...draft, name: expected.name ?? draft.name };
  const partial = isPlaced ? { draft: deepFreeze(named), isReal } : undefined;
  if (problems.length > 0) return { ...refuse(problems), ...(partial && { partial }) };
  return {
    ok: true,
    draft: deepFreeze(draft),
    warnings: [...deprecationWarnings(kind.name, stated), ...labelWarnings(draft.labels, kind)],
  };
}

/** What the rules between fields, which no schema can say, find wrong with a draft. */
export function ruleProblems(draft: ResourceDraft, kind: KindDescriptor): readonly Problem[] {
  return [
    ...labelProblems(draft.labels),
    ...longDurationProblems(kind.name, draft.spec, kind.shape === 'Spec' ? ['spec'] : []),
    ...(kind.policy ? targetRefProblems(draft.spec, kind.policy) : []),
    ...(semanticValidators[kind.name]?.(draft.spec, draft) ?? []),
  ];
}

function refuse(found: readonly Problem[], unlisted = 0): Extract<Parsed, { readonly ok: false }> {
  const problems = found.map(({ given: _, unwanted: __, ...problem }) => problem);
  const more = Math.max(0, problems.length - mostProblems) + unlisted;
  if (more === 0) return { ok: false, problems };
  return {
    ok: false,
    problems: [...problems.slice(0, mostProblems), { field: '', reason: `${more} more problems are not listed` }],
  };
}

/** What to write in place of another form of resources; for the end of a sentence. */
export function formHint(json: Json): string {
  if (!('apiVersion' in json)) return '';
  const name = json.kind;
  if (typeof name !== 'string') return '; this is an object of Kubernetes';
  const kind = kindByName(name);
  const replaced = replacedKind(name);
  if (!kind && !replaced) return `; this is an object of Kubernetes, of whose kind ${name} there are no resources here`;
  if (!kind) return `; ${replaced}`;
  const above = [`type: ${name}`, ...(kind.scope === 'Mesh' ? ['mesh'] : []), 'name and labels'].join(', ');
  const below = kind.shape === 'Spec' ? '' : ', and what is in spec without it';
  return `; this is the Kubernetes form, write ${above} in place of apiVersion, kind and metadata${below}`;
}

/** Existing clients expect an empty field for a wrong or absent type. */
function kindOf(json: Json, expected: Expected): KindDescriptor | Problem {
  const { type } = json;
  if (type === undefined) {
    return { field: '', reason: `type must be set${expected.type ? ` to ${expected.type}` : ''}${formHint(json)}` };
  }
  if (typeof type !== 'string') return { field: '', reason: `type must be a string, not ${jsonType(type)}`, kind: 'malformed' };
  if (expected.type !== undefined && type !== expected.type)
    return { field: '', reason: `type must be ${expected.type} here; got ${type}` };
  const kind = kindByName(type);
  if (kind) return kind;
  const replaced = replacedKind(type);
  if (replaced) return { field: '', reason: replaced };
  const guess = nearest(
    type,
    kinds.map(({ name }) => name),
  );
  return { field: '', reason: `type ${JSON.stringify(type)} is unknown${guess ? `; did you mean ${guess}?` : ''}` };
}

function identify(
  json: Json,
  kind: KindDescriptor,
  expected: Expected,
): { readonly key: ResourceKey; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const text = (field: 'name' | 'mesh'): string | undefined => {
    const value = json[field];
    if (value === undefined || typeof value === 'string') return value;
    problems.push({ field, reason: `must be a string, not ${jsonType(value)}`, kind: 'malformed' });
    return undefined;
  };
  const name = text('name') ?? '';
  const mesh = text('mesh');
  const wrongName =
    expected.name !== undefined && name !== '' && name !== expected.name
      ? `must be ${JSON.stringify(expected.name)}, as in the URL; got ${JSON.stringify(name)}`
      : nameProblem(name);
  if (wrongName && !problems.some(({ field }) => field === 'name')) problems.push({ field: 'name', reason: wrongName });
  if (kind.scope === 'Global') {
    if (mesh) problems.push(mustBeAbsent('mesh', `: a ${kind.name} belongs to no mesh`));
    return { key: { type: kind.name, mesh: '', name }, problems };
  }
  const resolved = mesh || expected.mesh || expected.defaultMesh || '';
  if (expected.mesh !== undefined && mesh && mesh !== expected.mesh) {
    problems.push({
      field: 'mesh',
      reason: `must be ${JSON.stringify(expected.mesh)}, as in the URL; got ${JSON.stringify(mesh)}`,
    });
  } else if (!problems.some(({ field }) => field === 'mesh')) {
    const wrongMesh = nameProblem(resolved);
    if (wrongMesh) problems.push({ field: 'mesh', reason: wrongMesh });
  }
  return { key: { type: kind.name, mesh: resolved, name }, problems };
}

const envelope: ReadonlySet<string> = new Set([
  'type',
  'mesh',
  'name',
  'labels',
  'creationTime',
  'modificationTime',
  'kri',
  'status',
]);

function specOf(json: Json, kind: KindDescriptor): unknown {
  if (kind.shape === 'Spec') return json.spec ?? {};
  return Object.fromEntries(Object.entries(json).filter(([field]) => !envelope.has(field)));
}
