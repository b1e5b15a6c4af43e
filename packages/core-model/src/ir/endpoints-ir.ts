/** The instances behind one destination. One object for all proxies of the mesh that call it and find the same ones near. */
export interface EndpointsIr {
  /** Name of the cluster that they belong to. */
  readonly name: string;
  readonly localities: readonly LocalityIr[];
  /** Percentage of healthy endpoints of a priority below which the next takes some of the traffic; Envoy's when absent. */
  readonly failoverPercentage?: number;
}

export interface LocalityIr {
  /** Empty where no zone is known. */
  readonly zone: string;
  /** What a part of the zone has in common with the caller; empty for the rest. */
  readonly subZone?: string;
  /** Share of the traffic, relative to other parts of the same priority; the number of endpoints when absent. */
  readonly weight?: number;
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
