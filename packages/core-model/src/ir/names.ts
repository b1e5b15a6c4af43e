/**
 * Names of what a proxy is given. Dashboards, statistics and MeshProxyPatch depend on them; nothing else may spell them.
 *
 * Two schemes: Kuma's default one, and the unified one for sidecars that announce `feature-unified-resource-naming`.
 */
export interface ProxyNames {
  inboundCluster(port: InboundPortName): string;
  /** Name of the inbound's cluster in statistics, where it differs from its name. */
  inboundClusterStat(port: InboundPortName): string | undefined;
  inboundListener(port: InboundPortName): string;
  inboundRoutes(port: InboundPortName): string;
  inboundHost(port: InboundPortName): string;
  outboundListener(address: string, port: number, destination: string): string;
  outboundRoutes(destination: string): string;
  /** @param service of the destination, which the same name stands for in subsets of it */
  outboundHost(destination: string, service: string): string;
  /** Of the listener that takes what goes anywhere else, and of the cluster that lets it pass. */
  outboundPassthrough(family: 'ipv4' | 'ipv6'): string;
  identitySecret(mesh: string): string;
  caSecret(mesh: string): string;
  readonly admin: string;
  readonly readiness: string;
  /** What the control plane tells the sidecar. */
  readonly sidecarConfig: string;
  /** @param backend as a policy names its reader of metrics */
  metricsListener(backend: string): string;
  metricsCluster(backend: string): string;
  /** @param collector as `host-port` */
  metricsCollectorListener(collector: string): string;
  metricsCollectorCluster(collector: string): string;
}

/** What names an inbound: `section` is its name, or its port where it has none. */
export interface InboundPortName {
  readonly address: string;
  readonly port: number;
  readonly servicePort: number;
  readonly service: string;
  readonly section: string;
}

const defaultNames: ProxyNames = {
  inboundCluster: ({ servicePort }) => `localhost:${servicePort}`,
  inboundClusterStat: ({ servicePort }) => `localhost_${servicePort}`,
  inboundListener: ({ address, port }) => `inbound:${hostPort(address, port)}`,
  inboundRoutes: ({ service }) => `inbound:${service}`,
  inboundHost: ({ service }) => service,
  outboundListener: (address, port) => `outbound:${hostPort(address, port)}`,
  outboundRoutes: (destination) => `outbound:${destination}`,
  outboundHost: (_destination, service) => service,
  outboundPassthrough: (family) => `outbound:passthrough:${family}`,
  identitySecret: (mesh) => `identity_cert:secret:${mesh}`,
  caSecret: (mesh) => `mesh_ca:secret:${mesh}`,
  admin: 'kuma:envoy:admin',
  readiness: 'kuma:readiness',
  sidecarConfig: '_kuma:dynamicconfig',
  metricsListener: (backend) => `_kuma:metrics:prometheus:${backend}`,
  metricsCluster: () => '_kuma:metrics:hijacker',
  metricsCollectorListener: (collector) => `_kuma:metrics:opentelemetry:listener:${collector}`,
  metricsCollectorCluster: (collector) => `_kuma:metrics:opentelemetry:cluster:${collector}`,
};

const unifiedNames: ProxyNames = {
  inboundCluster: ({ section }) => `self_inbound_dp_${section}`,
  inboundClusterStat: () => undefined,
  inboundListener: ({ section }) => `self_inbound_dp_${section}`,
  inboundRoutes: ({ section }) => `self_inbound_dp_${section}`,
  inboundHost: ({ section }) => `self_inbound_dp_${section}`,
  outboundListener: (_address, _port, destination) => destination,
  outboundRoutes: (destination) => destination,
  outboundHost: (destination) => destination,
  outboundPassthrough: (family) => `self_transparentproxy_passthrough_outbound_${family}`,
  identitySecret: (mesh) => `system_mtls_identity_${mesh}`,
  caSecret: (mesh) => `system_mtls_ca_${mesh}`,
  admin: 'system_envoy_admin',
  readiness: 'system_probe_readiness',
  sidecarConfig: 'system_dynamicconfig',
  metricsListener: (backend) => `system_meshmetric_prometheus_${systemPart(backend)}`,
  metricsCluster: (backend) => `system_meshmetric_prometheus_${systemPart(backend)}`,
  metricsCollectorListener: (collector) => `system_meshmetric_otel_${systemPart(collector)}`,
  metricsCollectorCluster: (collector) => `system_meshmetric_otel_${systemPart(collector)}`,
};

/** System names keep to a narrow alphabet. */
function systemPart(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9-]/g, '-');
}

/** Whether the names of traffic are unified takes the mesh's consent as well; those of the proxy's own doors only the feature. */
export function proxyNames(features: ReadonlySet<string>, meshServicesExclusive: boolean): ProxyNames {
  if (!features.has(unifiedNamingFeature)) return defaultNames;
  return meshServicesExclusive ? unifiedNames : namesOfSystemUnified;
}

const unifiedNamingFeature = 'feature-unified-resource-naming';

const namesOfSystemUnified: ProxyNames = {
  ...defaultNames,
  admin: unifiedNames.admin,
  readiness: unifiedNames.readiness,
  sidecarConfig: unifiedNames.sidecarConfig,
  metricsListener: unifiedNames.metricsListener,
  metricsCluster: unifiedNames.metricsCluster,
  metricsCollectorListener: unifiedNames.metricsCollectorListener,
  metricsCollectorCluster: unifiedNames.metricsCollectorCluster,
};

/** SPIFFE id of a service's instances under the mesh's own CA. */
export function spiffeId(mesh: string, service: string): string {
  return `spiffe://${mesh}/${service}`;
}

/** URI by which a proxy's certificate carries one of its tags. */
export function tagUri(tag: string, value: string): string {
  return `kuma://${tag}/${value}`;
}

/** TLS and Envoy take no longer one. */
const longestServerName = 255;

/**
 * Server name for a service, and further tags that narrow it: `backend{mesh=default,version=v1}`. Where that is too long for
 * one, a part of the service's name and 16 hex digits of the whole.
 */
export function serverName(mesh: string, service: string, tags: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = { ...tags, mesh };
  const listed = Object.keys(all)
    .sort()
    .map((key) => `${key}=${all[key]}`);
  const name = `${service}{${listed.join(',')}}`;
  return name.length <= longestServerName ? name : `${service.slice(0, 200)}-${hash64(name)}`;
}

/** Name of the part of a service that some tags narrow: the service and 16 hex digits, the same everywhere for the same tags. */
export function subsetName(service: string, narrowingTags: string): string {
  return `${service}-${hash64(`${service}|${narrowingTags}`)}`;
}

/** Of a place outside the mesh that connections may pass to; without a value, of all hosts at a port. */
export function passthroughName(protocol: string, value: string | undefined, port: number | undefined): string {
  return ['meshpassthrough', protocol, ...(value === undefined ? [] : [value]), port ?? '*'].join('_');
}

/** A name as statistics have it: Envoy takes what follows a dot for the name of the metric. */
export function statName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, '_');
}

/** `host:port`, an IPv6 host in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** FNV-1a of 64 bits over UTF-8, as 16 hex digits. */
export function hash64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
