import type { Origin } from '@kuma-mesh/core-model/ir/index.ts';
import type { Change } from './patches/change.ts';

/** An encoded resource: made once per distinct content, shared by all proxies that get it. */
export interface EncodedResource {
  readonly typeUrl: string;
  readonly name: string;
  /** Hash of the bytes: the same content has the same version on every control plane, before and after a restart. */
  readonly version: string;
  /**
   * Present in a listener whose connections are to be made anew, see {@link withRenewals}: when that was. A part of the bytes
   * and none of the version, so that another control plane does not have them made anew once more.
   */
  readonly renewal?: string;
  /** The resource's own serialized message (the value inside `google.protobuf.Any`). */
  readonly bytes: Uint8Array;
  /** Why there are no bytes: what the IR says cannot be encoded. Peers keep what they have of that name, as when they refuse it. */
  readonly unencodable?: string;
  /** Runtime keys that must be on for what it let in, where it is a permission of connections. */
  readonly keys?: readonly string[];
  /** Policies whose words it holds; where absent, the IR says who shaped it, see {@link originsOfResource}. */
  readonly origins?: readonly Origin[];
  /** Present where MeshProxyPatch is about it. It may hold messages of any type of Envoy's. */
  readonly patched?: Patched;
}

export interface Patched {
  readonly unapplied: readonly UnappliedPatch[];
  /** The resource as it is without patches, where they changed it; nothing for one that is there by a patch alone. */
  readonly without?: EncodedResource;
  /** What changed it, see {@link patchedResource}. */
  readonly by?: { readonly changes: readonly Change[]; readonly madeFor: string };
}

/** A modification that could not be applied to a resource; what the others made of it is in force. */
export interface UnappliedPatch {
  readonly origin: Origin;
  /** Its place in the policy's list. */
  readonly index: number;
  readonly reason: string;
}

export const typeUrls = {
  cluster: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listener: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  route: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  secret: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
} as const;

/** Types that nothing waits for: sent as soon as they change. */
export const moreTypeUrls = {
  extension: 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig',
  runtime: 'type.googleapis.com/envoy.service.runtime.v3.Runtime',
} as const;

export type XdsTypeUrl = (typeof typeUrls)[keyof typeof typeUrls] | (typeof moreTypeUrls)[keyof typeof moreTypeUrls];

/** Everything one proxy gets, by type URL and name. Immutable; a change is a new value that shares the resources that stayed. */
export type EncodedProxy = ReadonlyMap<string, ReadonlyMap<string, EncodedResource>>;
