/** The instances behind one destination. One object for all proxies of the mesh that call it. */
export interface EndpointsIr {
  /** Name of the cluster that they belong to. */
  readonly name: string;
  readonly localities: readonly LocalityIr[];
}

export interface LocalityIr {
  /** Empty where no zone is known. */
  readonly zone: string;
  /** 0 is preferred. */
  readonly priority: number;
  readonly endpoints: readonly EndpointIr[];
}

export interface EndpointIr {
  readonly address: string;
  readonly port: number;
  /** Tags of the inbound, less `kuma.io/service`: for subset load balancing and transport socket matches. */
  readonly tags: Readonly<Record<string, string>>;
  /** Labels of the Dataplane. */
  readonly labels: Readonly<Record<string, string>>;
  readonly weight?: number;
}
