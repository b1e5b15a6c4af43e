import { Memo } from '@kuma-mesh/core-model/memo/memo.ts';
import { type EncodedResource, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';

/** Milliseconds: as long as it takes to tell many proxies of one change. */
const keptFor = 1000;

/** Listeners have the proxy's own address in them, secrets its key: no two proxies get the same. */
const ownToProxies: ReadonlySet<string> = new Set([typeUrls.listener, typeUrls.secret]);

/** Responses that were put together a moment ago, less what is different on each stream: proxies alike get the very same. */
export class RecentBodies {
  #memo: Memo | undefined;

  /** The body made of these resources, by their identity, and names a moment ago; else of `make`. */
  once(typeUrl: string, resources: readonly EncodedResource[], removed: readonly string[], make: () => Buffer): Buffer {
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
