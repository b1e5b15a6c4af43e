import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import type { EncodedProxy, EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';

/** What a stream's first request says of its proxy; from the Envoy node and its metadata. */
export interface ProxyNode {
  readonly mesh: string;
  readonly name: string;
  /** The `authorization` metadata of the stream; never logged. */
  readonly token: string | undefined;
  /** The Dataplane that was sent with bootstrap, if one was; as the proxy states it, not validated. */
  readonly dataplane: ResourceDraft<Dataplane> | undefined;
  readonly proxyType: 'dataplane';
  readonly features: ReadonlySet<string>;
  /** Metadata of the node as it was sent, secrets taken out. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /**
   * Asks the peer whether it is still there (an HTTP/2 ping with a short deadline). Decides between two streams of one
   * node: the second is refused while the first answers. Absent: the stream's end is the only sign.
   */
  readonly alive?: () => Promise<boolean>;
  readonly version: { readonly kumaDp?: Readonly<Record<string, unknown>>; readonly envoy?: Readonly<Record<string, unknown>> };
}

/** The pipeline's side of a stream. */
export interface ProxySessions {
  /**
   * Authenticates the proxy, registers its Dataplane and begins to configure it.
   * @throws SessionRefused with a message for the peer; the stream ends with gRPC status UNKNOWN.
   */
  open(node: ProxyNode): Promise<ProxySession>;
  /**
   * A proxy is about to stop (`POST /drain` of its kuma-dp, while its stream is still open): others get no more of its
   * endpoints from now on, and when its stream ends nobody waits for it to come back.
   * @returns false when it has no session here
   * @throws SessionRefused when the token is not the proxy's
   */
  drain(proxy: { readonly mesh: string; readonly name: string; readonly token: string | undefined }): Promise<boolean>;
}

export interface ProxySession {
  /** Newest configuration; undefined until the first is ready. */
  readonly config: EncodedProxy | undefined;
  /** Calls back whenever `config` was replaced. One listener. */
  onConfig(listener: () => void): void;
  /** A response went out. `unknownBefore` are names of what the proxy had from an earlier stream in another version: nobody here knows which. */
  sent(typeUrl: string, unknownBefore: readonly string[]): void;
  /** A response was accepted; `resources` are those that it brought (no removals). What was rejected before and is among them has recovered. */
  acknowledged(typeUrl: string, resources: readonly EncodedResource[]): void;
  /**
   * Envoy refused a response, in its words. `resources` are the ones at fault: they are held back until their content changes, see
   * `stream/`. Empty while the culprit is still being sought among several. A rejection stands for as long as `config`
   * has that very version of the resource: a new version is a new attempt. `harmless` is the version that goes on, or what would, as far as known:
   * what it does not have of the refused one is to blame.
   */
  rejected(
    typeUrl: string,
    resources: readonly EncodedResource[],
    message: string,
    harmless: (name: string) => EncodedResource | undefined,
  ): void;
  /** The stream has ended. Nothing is called after it. */
  close(): void;
}

export class SessionRefused extends Error {
  override readonly name = 'SessionRefused';
}
