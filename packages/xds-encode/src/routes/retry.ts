import type { HostSelectionIr, RetryIr } from '@kuma-mesh/core-model/ir/index.ts';
import {
  RetryPolicy_ResetHeaderFormat as ResetHeaderFormat,
  type RetryPolicy,
} from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { OmitHostMetadataConfig } from '@kuma-mesh/envoy-api/generated/envoy/extensions/retry/host/omit_host_metadata/v3/omit_host_metadata_config.ts';
import { PreviousHostsPredicate } from '@kuma-mesh/envoy-api/generated/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.ts';
import { PreviousPrioritiesConfig } from '@kuma-mesh/envoy-api/generated/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config.ts';
import { extension } from '../envoy/pack.ts';
import { duration, sorted } from '../envoy/values.ts';
import { headerMatcher } from './match.ts';

export function retryPolicy(retry: RetryIr): RetryPolicy {
  return {
    retryOn: conditions(retry).join(','),
    numRetries: retries(retry),
    perTryTimeout: duration(retry.perTryTimeout),
    ...(retry.backOff && {
      retryBackOff: { baseInterval: duration(retry.backOff.base), maxInterval: duration(retry.backOff.max) },
    }),
    ...(retry.rateLimitedBackOff && { rateLimitedRetryBackOff: rateLimitedBackOff(retry.rateLimitedBackOff) }),
    retriableStatusCodes: [...retry.statusCodes],
    retriableHeaders: retry.responseHeaders.map(headerMatcher),
    retriableRequestHeaders: [
      ...retry.methods.map((method) => headerMatcher({ kind: 'exact', name: ':method', value: method })),
      ...retry.requestHeaders.map(headerMatcher),
    ],
    ...hostSelection(retry.hostSelection),
    hostSelectionRetryMaxAttempts: selectionAttempts(retry.hostSelectionMaxAttempts),
  };
}

/** For the priorities that were tried, each request takes room for all of its tries at once; Envoy ends where there is none. */
const mostRetriesByPriority = 10_000;

function retries({ retries, hostSelection }: RetryIr): number {
  const byPriority = hostSelection.some(({ kind }) => kind === 'omit-previous-priorities');
  return byPriority ? Math.min(retries, mostRetriesByPriority) : retries;
}

/**
 * Envoy looks for another host in one go, and its thread serves nobody meanwhile: about a millisecond for this many, more than
 * a second for ten million. Where its counter of 32 bits overflows, nothing is tried a second time.
 */
const mostSelectionAttempts = 10_000;

function selectionAttempts(attempts: number | undefined): number | undefined {
  return attempts === undefined ? undefined : Math.min(attempts, mostSelectionAttempts);
}

/** Status codes and headers are looked at only when the condition of their kind is named too. */
function conditions({ on, statusCodes, responseHeaders }: RetryIr): readonly string[] {
  return [
    ...new Set([
      ...on,
      ...(statusCodes.length > 0 ? ['retriable-status-codes'] : []),
      ...(responseHeaders.length > 0 ? ['retriable-headers'] : []),
    ]),
  ];
}

function rateLimitedBackOff({
  headers,
  max,
}: NonNullable<RetryIr['rateLimitedBackOff']>): RetryPolicy['rateLimitedRetryBackOff'] {
  return {
    resetHeaders: headers.map(({ name, format }) => ({
      name,
      format: format === 'seconds' ? ResetHeaderFormat.SECONDS : ResetHeaderFormat.UNIX_TIMESTAMP,
    })),
    maxInterval: duration(max),
  };
}

function hostSelection(selections: readonly HostSelectionIr[]): Pick<RetryPolicy, 'retryHostPredicate' | 'retryPriority'> {
  const priority = selections.find((selection) => selection.kind === 'omit-previous-priorities');
  return {
    retryHostPredicate: selections.flatMap(hostPredicate),
    ...(priority && {
      retryPriority: extension('envoy.retry_priorities.previous_priorities', PreviousPrioritiesConfig, {
        updateFrequency: priority.updateFrequency,
      }),
    }),
  };
}

function hostPredicate(selection: HostSelectionIr): NonNullable<RetryPolicy['retryHostPredicate']> {
  switch (selection.kind) {
    case 'omit-previous-hosts':
      return [extension('envoy.retry_host_predicates.previous_hosts', PreviousHostsPredicate, {})];
    case 'omit-hosts-with-tags':
      return [
        extension('envoy.retry_host_predicates.omit_host_metadata', OmitHostMetadataConfig, {
          metadataMatch: { filterMetadata: { 'envoy.lb': sorted(selection.tags) } },
        }),
      ];
    case 'omit-previous-priorities':
      return [];
  }
}
