import type { MeshRetry_Conf as Conf } from '../../generated/types/kuma/mesh_retry.ts';
import type { SaidOf, Useless } from '../policy.ts';

export function useless(conf: Conf, { route }: SaidOf): readonly Useless[] {
  return [...(route ? connectionsOfRequests(conf) : []), ...howToRetryNever(conf), ...unusedHostSelection(conf)];
}

function connectionsOfRequests({ tcp }: Conf): readonly Useless[] {
  return tcp ? [{ path: ['tcp'], why: 'has no effect on a MeshHTTPRoute: it concerns connections, not requests' }] : [];
}

/** No retries at all is what 0 means: proxies are told nothing more. */
function howToRetryNever(conf: Conf): readonly Useless[] {
  return (['http', 'grpc'] as const).flatMap((part) => {
    const { numRetries, ...others } = conf[part] ?? {};
    if (numRetries !== 0) return [];
    return Object.keys(others).map((field) => ({ path: [part, field], why: 'has no effect as long as numRetries is 0' }));
  });
}

const predicateOf = { tags: 'OmitHostsWithTags', updateFrequency: 'OmitPreviousPriorities' } as const;

/** What is said for another predicate than the one that is chosen. */
function unusedHostSelection({ http }: Conf): readonly Useless[] {
  const { hostSelection = [], hostSelectionMaxAttempts } = http ?? {};
  if (hostSelection.length === 0 && hostSelectionMaxAttempts !== undefined) {
    const why = 'has no effect as long as hostSelection is not set';
    return [{ path: ['http', 'hostSelectionMaxAttempts'], why, lacks: true }];
  }
  return hostSelection.flatMap((item, i) =>
    (['tags', 'updateFrequency'] as const)
      .filter((field) => item[field] !== undefined && item.predicate !== predicateOf[field])
      .map((field) => ({
        path: ['http', 'hostSelection', i, field],
        why: `has no effect with the predicate ${item.predicate}`,
      })),
  );
}
