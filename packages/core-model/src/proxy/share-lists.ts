import type { ProxyIr } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';

/** Equal lists of proxies become one object, before and after a change: what is encoded of one serves them all. */
export function shareLists(proxy: ProxyIr, memo: Memo): ProxyIr {
  return {
    ...proxy,
    clusters: memo.intern(proxy.clusters),
    routes: memo.intern(proxy.routes),
    endpoints: memo.intern(proxy.endpoints),
  };
}
