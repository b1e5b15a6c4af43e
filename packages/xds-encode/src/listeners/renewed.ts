import { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import { type EncodedProxy, type EncodedResource, typeUrls } from '../encoded.ts';

/** When listeners are to be renewed, ISO 8601, by their name. */
export type Renewals = ReadonlyMap<string, string>;

/**
 * With listeners whose filter chains are new ones to Envoy: it takes no more connections on those of before, asks clients of
 * HTTP to make new ones, and closes what is left after its drain time.
 */
export function withRenewals(proxy: EncodedProxy, renewals: Renewals): EncodedProxy {
  const listeners = proxy.get(typeUrls.listener);
  if (renewals.size === 0 || listeners === undefined) return proxy;
  const renewed = new Map(listeners);
  for (const [name, time] of renewals) {
    const listener = listeners.get(name);
    if (listener) renewed.set(name, renewedListener(listener, time));
  }
  return new Map(proxy).set(typeUrls.listener, renewed);
}

/** What was renewed so far of what a proxy has. */
export function renewalsOf(proxy: EncodedProxy): Renewals {
  const listeners = [...(proxy.get(typeUrls.listener) ?? [])];
  return new Map(listeners.flatMap(([name, { renewal }]) => (renewal === undefined ? [] : [[name, renewal] as const])));
}

const last = new WeakMap<EncodedResource, EncodedResource>();

function renewedListener(listener: EncodedResource, renewal: string): EncodedResource {
  const known = last.get(listener);
  if (known?.renewal === renewal) return known;
  const message = Listener.decode(listener.bytes);
  const filterChains = message.filterChains?.map((chain) => {
    const filterMetadata = { ...chain.metadata?.filterMetadata, 'io.kuma.renewal': { time: renewal } };
    return chain.transportSocket ? { ...chain, metadata: { ...chain.metadata, filterMetadata } } : chain;
  });
  const bytes = Listener.encode({ ...message, filterChains }).finish();
  const renewed = Object.freeze({ ...listener, bytes, renewal });
  last.set(listener, renewed);
  return renewed;
}
