import { Memo } from '@kuma-mesh/core-model/memo/memo.ts';
import { type EncodedResource, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';

/** Milliseconds: as long as it takes to tell many proxies of one change. */
const keptFor = 1000;

/** Listeners have the proxy's own address in them, secrets its key: no two proxies get the same. */
const ownToProxies: ReadonlySet<string> = new Set([typeUrls.listener, typeUrls.secret]);

/** What was put together a moment ago and is the same on many streams: proxies alike get the very same. */
export class RecentlyMade<T> {
  #memo: Memo | undefined;

  /** What was made of these resources, by their identity, and names a moment ago; else what `make` makes. */
  once(typeUrl: string, resources: readonly EncodedResource[], removed: readonly string[], make: () => T): T {
    if (ownToProxies.has(typeUrl)) return make();
    this.#memo ??= this.#forSomeTime();
    return this.#memo.once(typeUrl, [...resources, ...removed], make);
  }

  #forSomeTime(): Memo {
    setTimeout(() => {
      this.#memo = undefined;
    }, keptFor).unref();
    return new Memo();
  }
}
