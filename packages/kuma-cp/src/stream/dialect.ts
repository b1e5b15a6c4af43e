import type { DeltaDiscoveryRequest, DiscoveryRequest } from '@kuma-mesh/envoy-api/discovery.ts';
import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';
import type { TypeState } from './type-state.ts';
import type { WireResponse } from './wire/responses.ts';

/** What both forms of a request have in common. */
export type AnyRequest = Pick<DeltaDiscoveryRequest & DiscoveryRequest, 'node' | 'typeUrl' | 'responseNonce' | 'errorDetail'>;

/** How a request stands to what was sent before. */
export interface RequestContext {
  /** The first of its type on this stream. */
  readonly first: boolean;
  /** It answers the response under way. */
  readonly verdict: boolean;
}

export interface ResponseParts {
  readonly state: TypeState;
  readonly changed: readonly EncodedResource[];
  readonly removed: readonly string[];
}

/** One of the two forms of the protocol. */
export interface Dialect<Request extends AnyRequest> {
  readonly form: 'delta' | 'sotw';
  decode(bytes: Uint8Array): Request;
  /** Takes what a request says of the peer's wishes and possessions into the state of its type. */
  read(state: TypeState, request: Request, context: RequestContext): void;
  encode(parts: ResponseParts): WireResponse;
}
