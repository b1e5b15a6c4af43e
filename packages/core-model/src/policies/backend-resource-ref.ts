import type { BackendResourceRef } from '../generated/types/kuma/target_ref.ts';
import type { Problem } from '../resources/resource.ts';

/** How a policy says where a collector is. */
interface CollectorChoice {
  readonly endpoint?: string | undefined;
  readonly backendRef?: BackendResourceRef | undefined;
}

/** What is wrong with the choice between a collector's endpoint and a reference to it, and with that reference. */
export function collectorChoiceProblems(at: string, { endpoint, backendRef }: CollectorChoice): Problem[] {
  const one = (endpoint === undefined) !== (backendRef === undefined);
  return [
    ...(one ? [] : [{ field: at, reason: 'must have either endpoint or backendRef' }]),
    ...(backendRef ? referenceProblems(`${at}.backendRef`, backendRef) : []),
  ];
}

function referenceProblems(field: string, { name, labels = {} }: BackendResourceRef): Problem[] {
  const byLabels = Object.keys(labels).length > 0;
  return Boolean(name) === byLabels ? [{ field, reason: 'must have either name or labels' }] : [];
}
