import type { ProxyIr } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';

/** Equal lists of proxies, as the last stages left them, become one object: what is encoded of one serves them all. */
export function shareLists(proxy: ProxyIr, before: ProxyIr, memo: Memo): ProxyIr {
  const shared = <Piece>(list: readonly Piece[], earlier: readonly Piece[]) => (list === earlier ? list : memo.intern(list));
  return {
    ...proxy,
    clusters: shared(proxy.clusters, before.clusters),
    routes: shared(proxy.routes, before.routes),
    endpoints: shared(proxy.endpoints, before.endpoints),
  };
}
