import type {
  MeshRetry_BackOff,
  MeshRetry_Conf,
  MeshRetry_Grpc,
  MeshRetry_HostSelection,
  MeshRetry_Http,
  MeshRetry_RateLimitedBackOff,
} from '../../generated/types/kuma/mesh_retry.ts';
import type { HostSelectionIr, RetryIr } from '../../ir/index.ts';
import { longestDuration } from '../../resources/duration.ts';
import { defined, milliseconds } from '../conf-values.ts';
import { headerMatch } from '../header-match.ts';
import type { Contradiction } from '../policy.ts';
import { grpcConditions, httpConditions } from './conditions.ts';

/** undefined when retries are switched off. */
export function httpRetry(conf: MeshRetry_Http): RetryIr | undefined {
  if (conf.numRetries === 0) return undefined;
  const conditions = httpConditions(conf);
  return {
    ...timing(conf),
    ...conditions,
    responseHeaders: (conf.retriableResponseHeaders ?? []).map(headerMatch),
    requestHeaders: (conf.retriableRequestHeaders ?? []).map(headerMatch),
    hostSelection: (conf.hostSelection ?? []).flatMap(hostSelection),
    ...defined({ hostSelectionMaxAttempts: conf.hostSelectionMaxAttempts }),
  };
}

/** undefined when retries are switched off. */
export function grpcRetry(conf: MeshRetry_Grpc): RetryIr | undefined {
  if (conf.numRetries === 0) return undefined;
  return {
    ...timing(conf),
    on: grpcConditions(conf.retryOn ?? []),
    statusCodes: [],
    methods: [],
    responseHeaders: [],
    requestHeaders: [],
    hostSelection: [],
  };
}

function timing({ numRetries = 1, perTryTimeout, backOff, rateLimitedBackOff }: MeshRetry_Http | MeshRetry_Grpc) {
  const time = milliseconds(perTryTimeout);
  return {
    retries: numRetries,
    // Zero is no limit, which is what Envoy does by itself.
    ...(time !== undefined && time > 0 && { perTryTimeout: time }),
    ...(backOff && { backOff: backOffTimes(backOff) }),
    ...(rateLimitedBackOff && { rateLimitedBackOff: rateLimited(rateLimitedBackOff) }),
  };
}

/**
 * Each of the two may come from another policy, such as the mesh's first one, and Envoy refuses routes whose max is below base or
 * longer than it counts.
 */
function backOffTimes({ baseInterval, maxInterval }: MeshRetry_BackOff): NonNullable<RetryIr['backOff']> {
  const base = milliseconds(baseInterval) ?? 25;
  return { base, max: Math.max(base, milliseconds(maxInterval) ?? Math.min(base * 10, longestDuration)) };
}

/** Where both are stated. */
export function backOffContradiction(conf: MeshRetry_Conf, part: 'http' | 'grpc'): readonly Contradiction[] {
  const { baseInterval, maxInterval } = conf[part]?.backOff ?? {};
  const [base, max] = [milliseconds(baseInterval), milliseconds(maxInterval)];
  if (base === undefined || max === undefined || base <= max) return [];
  return [{ counts: [part, 'backOff', 'baseInterval'], yields: [part, 'backOff', 'maxInterval'] }];
}

function rateLimited({
  resetHeaders = [],
  maxInterval,
}: MeshRetry_RateLimitedBackOff): NonNullable<RetryIr['rateLimitedBackOff']> {
  const headers = resetHeaders.map(({ name = '', format }) => ({
    name,
    format: format === 'UnixTimestamp' ? ('unix-timestamp' as const) : ('seconds' as const),
  }));
  return { headers, max: milliseconds(maxInterval) ?? 300_000 };
}

function hostSelection({ predicate, tags = {}, updateFrequency = 2 }: MeshRetry_HostSelection): HostSelectionIr[] {
  switch (predicate) {
    case 'OmitPreviousHosts':
      return [{ kind: 'omit-previous-hosts' }];
    case 'OmitHostsWithTags':
      return [{ kind: 'omit-hosts-with-tags', tags }];
    case 'OmitPreviousPriorities':
      return [{ kind: 'omit-previous-priorities', updateFrequency }];
    default:
      return [];
  }
}
