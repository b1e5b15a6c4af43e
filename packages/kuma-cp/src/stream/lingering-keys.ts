import { type EncodedProxy, type EncodedResource, moreTypeUrls } from '@kuma-mesh/xds-encode/encoded.ts';

/**
 * Keys of permissions that others took the place of. Who connected just before the change and has said nothing yet still has
 * the rules of before, and would be turned away without their keys. Where rules are only gone, their keys go with them.
 *
 * The keys of each change stay for their own time: changes that follow each other neither shorten nor lengthen it.
 */
export class LingeringKeys {
  /** Has the end called some time after the peer has the rules of now. */
  readonly #later: (end: () => void) => void;
  /** An entry for each time that they were replaced. */
  readonly #lingering = new Set<{ readonly keys: EncodedResource }>();
  /** Those in force since the peer last had the rules that it was to have. */
  #replaced: EncodedResource[] = [];
  #inForce: EncodedResource[] | undefined;
  #othersCame = false;

  constructor(later: (end: () => void) => void) {
    this.#later = later;
  }

  get all(): readonly EncodedResource[] {
    return [...this.#lingering].map(({ keys }) => keys);
  }

  /** Keys were switched on for rules that are yet to come. */
  othersCome(): void {
    this.#othersCame = true;
  }

  /** @param had what the peer has of keys, asked where none were in force on this stream before */
  changed(config: EncodedProxy, had: () => readonly EncodedResource[]): void {
    const now = [...(config.get(moreTypeUrls.runtime)?.values() ?? [])];
    if (this.#inForce && isSame(this.#inForce, now)) return;
    this.#replaced.push(...(this.#inForce ?? had()));
    this.#inForce = now;
  }

  /** The peer has the rules that it is to have. */
  settled(): void {
    for (const keys of this.#othersCame ? this.#replaced : []) this.#linger(keys);
    this.#replaced = [];
    this.#othersCame = false;
  }

  #linger(keys: EncodedResource): void {
    const replaced = { keys };
    this.#lingering.add(replaced);
    this.#later(() => this.#lingering.delete(replaced));
  }
}

function isSame(before: readonly EncodedResource[], now: readonly EncodedResource[]): boolean {
  return (
    before.length === now.length &&
    before.every(({ name, version }, at) => name === now[at]!.name && version === now[at]!.version)
  );
}
