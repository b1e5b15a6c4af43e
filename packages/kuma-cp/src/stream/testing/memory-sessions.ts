import { EventEmitter, once } from 'node:events';
import type { EncodedProxy, EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';
import { newInPatches } from '@kuma-mesh/xds-encode/patches/new-in-patches.ts';
import { type ProxyNode, type ProxySession, type ProxySessions, SessionRefused } from '../session.ts';

/** Sessions whose configuration a test sets itself, and that remember what the stream told them. */
export class MemorySessions implements ProxySessions {
  readonly opened: MemorySession[] = [];
  readonly events = new EventEmitter();
  refuse: ((node: ProxyNode) => string | undefined) | undefined;
  initial: EncodedProxy | undefined;

  async open(node: ProxyNode): Promise<ProxySession> {
    const reason = this.refuse?.(node);
    if (reason) {
      throw new SessionRefused(reason);
    }
    const session = new MemorySession(node, this.initial);
    this.opened.push(session);
    this.events.emit('open', session);
    return session;
  }

  async drain({ mesh, name, token }: { mesh: string; name: string; token: string | undefined }): Promise<boolean> {
    const session = this.opened.find(({ node }) => node.mesh === mesh && node.name === name);
    if (session && session.node.token !== token) {
      throw new SessionRefused('the token is not the one of the stream');
    }
    return session !== undefined;
  }

  /** The session with this ordinal, as soon as it is open. */
  async nth(index: number): Promise<MemorySession> {
    while (!this.opened[index]) {
      await once(this.events, 'open');
    }
    return this.opened[index];
  }
}

type Told =
  | { readonly kind: 'sent'; readonly typeUrl: string; readonly unknownBefore?: readonly string[] }
  | { readonly kind: 'acknowledged'; readonly typeUrl: string; readonly names: readonly string[] }
  | {
      readonly kind: 'rejected';
      readonly typeUrl: string;
      readonly names: readonly string[];
      readonly message: string;
      /** KRIs of policies with patches that the peer did not take yet; absent where that cannot be told. */
      readonly newPolicies?: readonly string[];
    }
  | { readonly kind: 'closed' };

export class MemorySession implements ProxySession {
  readonly node: ProxyNode;
  readonly told: Told[] = [];
  onTold: ((told: Told) => void) | undefined;
  readonly #events = new EventEmitter();
  #config: EncodedProxy | undefined;
  #listener: (() => void) | undefined;

  constructor(node: ProxyNode, config: EncodedProxy | undefined) {
    this.node = node;
    this.#config = config;
  }

  get config(): EncodedProxy | undefined {
    return this.#config;
  }

  set config(config: EncodedProxy) {
    this.#config = config;
    this.#listener?.();
  }

  onConfig(listener: () => void): void {
    this.#listener = listener;
  }

  sent(typeUrl: string, unknownBefore: readonly string[]): void {
    this.#tell({ kind: 'sent', typeUrl, ...(unknownBefore.length > 0 && { unknownBefore }) });
  }

  acknowledged(typeUrl: string, resources: readonly EncodedResource[]): void {
    this.#tell({ kind: 'acknowledged', typeUrl, names: resources.map(({ name }) => name) });
  }

  rejected(
    typeUrl: string,
    resources: readonly EncodedResource[],
    message: string,
    harmless: (name: string) => EncodedResource | undefined,
  ): void {
    const policies = resources.flatMap((resource) => {
      const before = harmless(resource.name);
      return (before && newInPatches(resource, before)) ?? [];
    });
    this.#tell({
      kind: 'rejected',
      typeUrl,
      names: resources.map(({ name }) => name),
      message,
      ...(policies.length > 0 && { newPolicies: policies.map(({ kri }) => kri) }),
    });
  }

  close(): void {
    this.#tell({ kind: 'closed' });
  }

  /** The first thing told, from `from` on, that meets the condition; waits for it. */
  async until(meets: (told: Told) => boolean, from = 0): Promise<Told> {
    for (;;) {
      const found = this.told.slice(from).find(meets);
      if (found) {
        return found;
      }
      await once(this.#events, 'told');
    }
  }

  #tell(told: Told): void {
    this.told.push(told);
    if (told.kind !== 'closed') {
      this.onTold?.(told);
    }
    this.#events.emit('told');
  }
}
