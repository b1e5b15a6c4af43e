/** What a proxy's bootstrap is made of: the request of its kuma-dp, and what the control plane knows of itself. */
export interface BootstrapParams {
  readonly mesh: string;
  readonly name: string;
  /** Value of `kuma.io/service`; Envoy's cluster name of itself. */
  readonly service: string;
  /** As the sidecar announced them. */
  readonly features: readonly string[];
  readonly controlPlane: ControlPlaneAddress;
  readonly token: TokenSource;
  readonly admin: AdminAddress;
  /** Folder for the proxy's sockets. */
  readonly workdir: string;
  /** Deltas instead of the state of the world. */
  readonly delta: boolean;
  /** Whether the control plane asks for the health of the application over HDS. */
  readonly healthDiscovery: boolean;
  /** Metadata of the node, beyond what follows from the fields above. */
  readonly metadata: NodeMetadata;
  /** Bytes; Envoy sheds load when its heap nears them. */
  readonly maxHeapSizeBytes?: number;
}

export interface ControlPlaneAddress {
  /** Name or IP address; the control plane's certificate must show exactly this. */
  readonly host: string;
  readonly port: number;
  /** PEM of what the control plane's certificate is checked against. */
  readonly ca: string;
  /** Milliseconds; a second where absent. */
  readonly connectTimeout?: number;
}

export type TokenSource =
  | { readonly kind: 'none' }
  /** Goes into the bootstrap itself. */
  | { readonly kind: 'inline'; readonly token: string }
  /** Read anew for each stream: the file may be replaced while the proxy runs. */
  | { readonly kind: 'file'; readonly path: string };

/** Where Envoy's own admin interface listens; `port` is where the admin listener of the mesh does. */
export type AdminAddress =
  | { readonly kind: 'socket'; readonly path: string; readonly port: number }
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number };

export interface NodeMetadata {
  /** The Dataplane as JSON text, when the sidecar brought one. */
  readonly dataplane?: string;
  readonly readinessPort?: number;
  readonly dnsPort?: number;
  readonly dynamicMetadata?: Readonly<Record<string, string>>;
  readonly version?: Readonly<Record<string, unknown>>;
  readonly ipv6Enabled?: boolean;
  readonly systemCaPath?: string;
  readonly metricsCertPath?: string;
  readonly metricsKeyPath?: string;
  /** Anything else, as it should stand there. */
  readonly more?: Readonly<Record<string, unknown>>;
}
