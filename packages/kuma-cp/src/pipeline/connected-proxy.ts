import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { EncodedProxy, EncodedResource } from '@kuma-mesh/xds-encode/index.ts';
import type { StatedInput } from './proxy-input.ts';
import type { ProxyKey } from './proxy-key.ts';
import { keepWhatStayed } from './same-configuration.ts';

/**
 * What has to be done anew for a proxy. More than one may be, and each is followed by `publish`: what there is of the proxy is
 * encoded, and sent if it differs.
 */
export type Work = 'rebuild' | 'endpoints' | 'secrets' | 'publish';

/** A proxy that has a stream, and what was made for it so far. Changed by the pipeline alone. */
export class ConnectedProxy {
  readonly key: ProxyKey;
  readonly input: StatedInput;
  readonly work = new Set<Work>(['rebuild', 'secrets']);
  ir: ProxyIr | undefined;
  /** By name; undefined until the first were made. */
  secrets: ReadonlyMap<string, EncodedResource> | undefined;
  /** By listener; see {@link withRenewals}. */
  readonly renewals = new Map<string, string>();
  /** Counts the requests for secrets: an answer to an earlier one is stale. */
  secretsAsked = 0;
  /** Failures in a row to make the configuration. */
  failures = 0;
  #config: EncodedProxy | undefined;
  #listener: (() => void) | undefined;

  constructor(key: ProxyKey, input: StatedInput) {
    this.key = key;
    this.input = input;
  }

  get config(): EncodedProxy | undefined {
    return this.#config;
  }

  onConfig(listener: () => void): void {
    this.#listener = listener;
  }

  /** @returns whether it differs from what the proxy has */
  publish(config: EncodedProxy): boolean {
    const next = keepWhatStayed(this.#config, config);
    if (next === this.#config) return false;
    this.#config = next;
    this.#listener?.();
    return true;
  }
}
