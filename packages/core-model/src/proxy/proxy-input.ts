import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { SocketAddress } from '../ir/index.ts';
import type { SidecarEnvironment } from '../policies/otel-collector.ts';
import type { Resource } from '../resources/resource.ts';

/** What is known of a running proxy beside the mesh. */
export interface ProxyInput {
  readonly dataplane: Resource<Dataplane>;
  /** Zone of the control plane that the proxy is connected to. */
  readonly zone: string;
  /** What the sidecar announced that it can do. */
  readonly features: ReadonlySet<string>;
  /** Envoy's own admin interface; absent when it has none. */
  readonly admin?: AdminInput;
  /** Port at which kuma-dp answers `/ready`. */
  readonly readinessPort: number;
  readonly workDir?: string;
  /** Path of the PEM file of roots that the proxy's host trusts. */
  readonly systemCaPath?: string;
  /** PEM files on the proxy's host that its metrics can be secured with. */
  readonly metricsFiles?: { readonly certificate: string; readonly key: string };
  /** What of its environment the sidecar has for collectors of OpenTelemetry. */
  readonly otelEnvironment?: SidecarEnvironment;
  /** Count policies with the label `kuma.io/effect: shadow` in: what the proxy would do with them. */
  readonly shadow?: boolean;
  /** Say which policies shaped its pieces: dear, and asked for only where something is wrong with one. */
  readonly origins?: boolean;
}

export interface AdminInput {
  /** Port for the control plane and for probes, at the dataplane's address. */
  readonly port: number;
  /** Where Envoy itself listens: a socket in the file system, or a loopback address. */
  readonly at: { readonly kind: 'pipe'; readonly path: string } | ({ readonly kind: 'address' } & SocketAddress);
  /** PEM of the CA whose client certificates may see everything; absent shuts that door. */
  readonly clientCa?: string;
  /** PEM chain and key that the listener shows. */
  readonly server?: { readonly certificate: string; readonly key: string };
}
