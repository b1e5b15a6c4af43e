import type { MeshAccessLog_Conf } from '../generated/types/kuma/mesh_access_log.ts';
import type { MeshTrace_Conf } from '../generated/types/kuma/mesh_trace.ts';
import { fieldPath } from '../resources/field-path.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';

export type Path = readonly (string | number)[];

/** A value of a `default`, and why it is of no use. */
interface Useless {
  readonly path: Path;
  readonly why: string;
}

const checks: Readonly<Record<string, (conf: unknown) => readonly Useless[]>> = {
  MeshCircuitBreaker: (conf) => [...noLimits(conf), ...localFailures(conf)],
  MeshHealthCheck: failuresWrittenNowhere,
  MeshFaultInjection: nothingSaid,
  MeshLoadBalancingStrategy: (conf) => [...nothingSaid(conf), ...unusedBalancing(conf), ...disabledLocality(conf)],
  MeshPassthrough: listsOfNoUse,
  MeshRateLimit: (conf) => [...answersWithoutLimit(conf), ...answersThatAllow(conf)],
  MeshRetry: (conf) => [...howToRetryNever(conf), ...unusedHostSelection(conf)],
  MeshTLS: (conf) => [...nothingSaid(conf), ...versionsWithoutCiphers(conf), ...ciphersOfNoVersion(conf)],
  MeshAccessLog: unusedFormats,
  MeshTrace: tagsOfOneName,
};

/** Values of a policy that others beside them, or their absence, keep from being of any use. */
export function valuesAgainstEachOther({ type, spec }: Pick<PolicyResource, 'type' | 'spec'>): readonly string[] {
  const check = checks[type];
  if (check === undefined) return [];
  const warningsOf = (conf: unknown, at: Path) =>
    check(conf).map(({ path, why }) => `field '${fieldPath(...at, ...path)}' ${why}`);
  return [
    ...(spec.default === undefined ? [] : warningsOf(spec.default, ['spec', 'default'])),
    ...(['to', 'from', 'rules'] as const).flatMap((part) =>
      (spec[part] ?? []).flatMap(({ default: conf }, i) => warningsOf(conf, ['spec', part, i, 'default'])),
    ),
  ];
}

/** Other kinds refuse it. */
function nothingSaid(conf: unknown = {}): readonly Useless[] {
  return Object.keys(conf as object).length > 0 ? [] : [{ path: [], why: 'has no effect: nothing is set' }];
}

function noLimits(conf: unknown): readonly Useless[] {
  const path = ['connectionLimits'];
  const limits = valueAt(conf, path);
  return limits !== undefined && Object.keys(limits as object).length === 0 ? [{ path, why: 'has no effect: it is empty' }] : [];
}

/** Failures of the connection are counted among all others unless they are told apart. */
function localFailures(conf: unknown): readonly Useless[] {
  const outliers = ['outlierDetection'];
  const path = [...outliers, 'detectors', 'localOriginFailures'];
  if (!isStated(valueAt(conf, outliers)) || valueAt(conf, path) === undefined) return [];
  if (valueAt(conf, [...outliers, 'splitExternalAndLocalErrors']) === true) return [];
  return [{ path, why: 'has no effect as long as splitExternalAndLocalErrors is not true' }];
}

function failuresWrittenNowhere(conf: unknown): readonly Useless[] {
  const path = ['alwaysLogHealthCheckFailures'];
  if (valueAt(conf, path) !== true || valueAt(conf, ['eventLogPath'])) return [];
  return [{ path, why: 'has no effect as long as eventLogPath is not set' }];
}

const fieldOfAlgorithm: Readonly<Record<string, string>> = {
  RoundRobin: 'roundRobin',
  LeastRequest: 'leastRequest',
  RingHash: 'ringHash',
  Random: 'random',
  Maglev: 'maglev',
};

/** What is said of another algorithm, and what is hashed for one that looks at no hash. */
function unusedBalancing(conf: unknown): readonly Useless[] {
  const type = valueAt(conf, ['loadBalancer', 'type']);
  const others = Object.entries(fieldOfAlgorithm).filter(([name]) => name !== type);
  const paths: readonly Path[] = [
    ...others.map(([, field]) => ['loadBalancer', field]),
    ...(type === 'RingHash' || type === 'Maglev' ? [] : [['hashPolicies']]),
  ];
  if (typeof type !== 'string') return [];
  return paths
    .filter((path) => valueAt(conf, path) !== undefined)
    .map((path) => ({ path, why: `has no effect with the algorithm ${type}` }));
}

/** Where all passes, or nothing, no list is asked. */
function listsOfNoUse(conf: unknown): readonly Useless[] {
  const path = ['appendMatch'];
  const matches = valueAt(conf, path);
  if (!Array.isArray(matches) || matches.length === 0 || valueAt(conf, ['passthroughMode']) === 'Matched') return [];
  return [{ path, why: 'has no effect as long as passthroughMode is not Matched' }];
}

function answersWithoutLimit(conf: unknown): readonly Useless[] {
  const http = valueAt(conf, ['local', 'http']);
  const path = ['local', 'http', 'onRateLimit'];
  if (!isStated(http) || valueAt(conf, path) === undefined || valueAt(http, ['requestRate']) !== undefined) return [];
  return [{ path, why: 'has no effect as long as requestRate is not set' }];
}

function disabledLocality(conf: unknown): readonly Useless[] {
  const path = ['localityAwareness', 'disabled'];
  const others = ['localZone', 'crossZone'].filter((field) => valueAt(conf, ['localityAwareness', field]) !== undefined);
  if (valueAt(conf, path) !== true || others.length === 0) return [];
  return [{ path, why: `has no effect beside ${others.join(' and ')}` }];
}

/** No retries at all is what 0 means: proxies are told nothing more. */
function howToRetryNever(conf: unknown): readonly Useless[] {
  return ['http', 'grpc'].flatMap((part) => {
    const { numRetries, ...others } = (valueAt(conf, [part]) ?? {}) as Readonly<Record<string, unknown>>;
    if (numRetries !== 0) return [];
    return Object.keys(others).map((field) => ({ path: [part, field], why: 'has no effect as long as numRetries is 0' }));
  });
}

const predicateOf: Readonly<Record<string, string>> = {
  tags: 'OmitHostsWithTags',
  updateFrequency: 'OmitPreviousPriorities',
};

/** What is said for another predicate than the one that is chosen. */
function unusedHostSelection(conf: unknown): readonly Useless[] {
  const path = ['http', 'hostSelection'];
  const list = valueAt(conf, path);
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, i) =>
    Object.entries(predicateOf)
      .filter(([field, predicate]) => valueAt(item, [field]) !== undefined && item.predicate !== predicate)
      .map(([field]) => ({ path: [...path, i, field], why: `has no effect with the predicate ${item.predicate}` })),
  );
}

/** Envoy takes no answer for a refusal that says all is well. */
function answersThatAllow(conf: unknown): readonly Useless[] {
  const path = ['local', 'http', 'onRateLimit', 'status'];
  const status = valueAt(conf, path);
  if (typeof status !== 'number' || status >= 400) return [];
  return [{ path, why: 'has no effect below 400: the answer is 429' }];
}

const before12: ReadonlySet<unknown> = new Set(['TLS10', 'TLS11']);

function versionsWithoutCiphers(conf: unknown): readonly Useless[] {
  const path = ['tlsVersion', 'max'];
  if (!before12.has(valueAt(conf, path))) return [];
  return [{ path, why: 'leaves proxies nothing to speak: all ciphers that they have are for TLS12 and newer' }];
}

/** TLS 1.3 brings its own. */
function ciphersOfNoVersion(conf: unknown): readonly Useless[] {
  const path = ['tlsCiphers'];
  const ciphers = valueAt(conf, path);
  if (!Array.isArray(ciphers) || ciphers.length === 0 || valueAt(conf, ['tlsVersion', 'min']) !== 'TLS13') return [];
  return [{ path, why: 'has no effect with a min of TLS13: ciphers are chosen for TLS12 and older' }];
}

const formOfFormat: Readonly<Record<string, string>> = { Plain: 'plain', Json: 'json' };

/** A line of another form than the format's type says, and fields of which a later one takes the place. */
function unusedFormats(conf: unknown): readonly Useless[] {
  const { backends = [] } = conf as MeshAccessLog_Conf;
  return backends.flatMap((backend, i) =>
    (['file', 'tcp'] as const).flatMap((sink) => {
      const { type = '', json = [] } = backend[sink]?.format ?? {};
      const at = ['backends', i, sink, 'format'];
      const others = Object.entries(formOfFormat).filter(([name]) => name !== type);
      return [
        ...others
          .filter(([, form]) => valueAt(backend[sink]?.format, [form]) !== undefined)
          .map(([, form]) => ({ path: [...at, form], why: `has no effect with the type ${type}` })),
        ...(type === 'Json' ? namesakes(json, 'key', [...at, 'json'], 'last') : []),
      ];
    }),
  );
}

function tagsOfOneName(conf: unknown): readonly Useless[] {
  return namesakes((conf as MeshTrace_Conf).tags ?? [], 'name', ['tags'], 'first');
}

/** Of entries with the same name only one counts. */
function namesakes<Name extends string>(
  entries: readonly { readonly [name in Name]?: string }[],
  name: Name,
  at: Path,
  counts: 'first' | 'last',
): readonly Useless[] {
  return entries.flatMap((entry, i) => {
    const same = (other: typeof entry) => other[name] === entry[name];
    const winner = counts === 'first' ? entries.findIndex(same) : entries.findLastIndex(same);
    if (winner === i) return [];
    return [{ path: [...at, i], why: `has no effect: ${fieldPath(at.at(-1)!, winner)} has the same ${name}` }];
  });
}

/** What is switched off on purpose needs no warning. */
export function isStated(value: unknown): boolean {
  return value !== undefined && (value as { readonly disabled?: boolean }).disabled !== true;
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], value);
}
