import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';

/** A resource that the peer has. Of those it brought along from an earlier stream only the version is known. */
export interface Possession {
  readonly version: string;
  readonly resource?: EncodedResource;
  /** In which words the peer was told of it, where these are others. */
  readonly told?: EncodedResource;
}

interface Response {
  readonly nonce: string;
  readonly changed: readonly EncodedResource[];
  readonly removed: readonly string[];
}

/** What the peer has said nothing of for so long that it counts as taken. */
export interface PresumedResponse extends Response {
  /** All that it changed. `changed` is what no later one has changed since, which is all that a verdict can still be of use for. */
  readonly names: readonly string[];
  /** What the peer is known to have had of these. */
  readonly before: ReadonlyMap<string, Possession | undefined>;
}

/**
 * The responses of one type that count as taken, until the peer has its say after all, which may be hours later. However
 * many there are meanwhile, what is kept of them is one version of each resource.
 */
export class PresumedResponses {
  #responses: readonly PresumedResponse[] = [];

  has(nonce: string): boolean {
    return this.#responses.some((response) => response.nonce === nonce);
  }

  add({ nonce, changed, removed }: Response, before: PresumedResponse['before']): void {
    const names = changed.map(({ name }) => name);
    const since = new Set([...names, ...removed]);
    const earlier = this.#responses.map((response) => without(since, response)).filter((response) => response.changed.length > 0);
    this.#responses = [...earlier, { nonce, changed, removed, names, before }];
  }

  /** It is kept no longer. */
  take(nonce: string): PresumedResponse | undefined {
    const taken = this.#responses.find((response) => response.nonce === nonce);
    if (taken) this.#responses = this.#responses.filter((response) => response !== taken);
    return taken;
  }
}

function without(since: ReadonlySet<string>, response: PresumedResponse): PresumedResponse {
  if (!response.changed.some(({ name }) => since.has(name))) return response;
  const changed = response.changed.filter(({ name }) => !since.has(name));
  return { ...response, changed, before: new Map(changed.map(({ name }) => [name, response.before.get(name)])) };
}
