import type { CollectorIr, OtelForwardIr } from './collector-ir.ts';
import type { DownstreamTlsIr, SocketAddress } from './listener-ir.ts';

/** Gives out metrics over HTTP: the sidecar has those of Envoy and of the applications, see {@link SidecarConfigListenerIr}. */
export interface MetricsListenerIr {
  readonly kind: 'metrics';
  readonly name: string;
  readonly address: SocketAddress;
  /** Path of the metrics, here and at the cluster. */
  readonly path: string;
  readonly clusterPath: string;
  readonly cluster: string;
  readonly tls: MetricsTlsIr;
}

export type MetricsTlsIr =
  | { readonly kind: 'none' }
  | (Exclude<DownstreamTlsIr, { readonly kind: 'none' }> & { readonly kind: 'strict' })
  /** PEM files on the proxy's host. */
  | { readonly kind: 'files'; readonly certificate: string; readonly key: string };

/** What the control plane has to say to the sidecar itself: documents over HTTP, on a socket in the sidecar's folder. */
export interface SidecarConfigListenerIr {
  readonly kind: 'sidecar-config';
  readonly name: string;
  readonly socket: string;
  readonly documents: readonly { readonly path: string; readonly body: string }[];
  /** Collectors that the sidecar's own metrics go to with what its environment says; they become a document last. */
  readonly forwards?: readonly OtelForwardIr[];
}

/** The sidecar's way to a collector: what it sends to this socket goes there. */
export interface CollectorPipeListenerIr {
  readonly kind: 'collector-pipe';
  readonly name: string;
  readonly socket: string;
  readonly collector: CollectorIr;
}
