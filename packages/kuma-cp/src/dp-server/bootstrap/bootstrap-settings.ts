/** What the control plane's settings say of bootstrap; the keys are below `bootstrapServer.params` and `dpServer`. */
export interface BootstrapSettings {
  /** Admin port of a Dataplane that states none. */
  readonly adminPort: number;
  /** Where the admin interface listens when it is on no Unix socket. */
  readonly adminAddress: string;
  readonly adminUnixSocket: boolean;
  readonly readinessPort: number;
  /** Name or address of the control plane; empty for the one at which the sidecar asks. */
  readonly xdsHost: string;
  /** Port of the control plane; 0 for the one at which it listens itself. */
  readonly xdsPort: number;
  /** Milliseconds. */
  readonly xdsConnectTimeout: number;
  /** Whether proxies must show a dataplane token. */
  readonly tokenRequired: boolean;
  /** Token files are read again for each stream. */
  readonly reloadableTokens: boolean;
  /** Whether proxies are asked for the health of their applications. */
  readonly healthDiscovery: boolean;
}
