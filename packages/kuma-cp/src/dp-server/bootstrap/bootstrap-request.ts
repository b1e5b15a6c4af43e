type Json = Readonly<Record<string, unknown>>;

/** What kuma-dp asks with. Everything may be absent; a field of a wrong type counts as absent, as older and newer clients differ. */
export interface BootstrapRequest {
  readonly mesh: string;
  readonly name: string;
  readonly proxyType: string;
  readonly dataplaneToken: string;
  readonly dataplaneTokenPath: string;
  /** A Dataplane as JSON. */
  readonly dataplaneResource: string;
  readonly version: { readonly kumaDp: Json; readonly envoy: Json };
  /** PEM. */
  readonly caCert: string;
  readonly dynamicMetadata: Readonly<Record<string, string>>;
  readonly otelEnv: unknown;
  readonly dnsPort: number;
  readonly readinessPort: number;
  /** True when the probe proxy is ENABLED: an old slip of the field's name that clients rely on. */
  readonly appProbeProxyDisabled: boolean;
  readonly operatingSystem: string;
  readonly features: readonly string[];
  readonly maxHeapSizeBytes: number;
  readonly workdir: string;
  readonly metricsResources: { readonly certPath: string; readonly keyPath: string };
  readonly systemCaPath: string;
  /** Transparent proxy settings, passed on as they are. */
  readonly dataplaneConfig: unknown;
  readonly ipv6Enabled: boolean;
  readonly spireSocketPath: string;
}

/** @returns undefined when the body is no JSON object */
export function readBootstrapRequest(body: Buffer): BootstrapRequest | undefined {
  const json = parse(body);
  if (!isObject(json)) {
    return undefined;
  }
  const version = object(json.version);
  const metrics = object(json.metricsResources);
  return {
    mesh: text(json.mesh) || 'default',
    name: text(json.name),
    proxyType: text(json.proxyType) || 'dataplane',
    dataplaneToken: text(json.dataplaneToken).trim(),
    dataplaneTokenPath: text(json.dataplaneTokenPath),
    dataplaneResource: text(json.dataplaneResource),
    version: { kumaDp: object(version.kumaDp), envoy: object(version.envoy) },
    caCert: text(json.caCert),
    dynamicMetadata: texts(json.dynamicMetadata),
    otelEnv: json.otelEnv,
    dnsPort: port(json.dnsPort),
    readinessPort: port(json.readinessPort),
    appProbeProxyDisabled: json.appProbeProxyDisabled === true,
    operatingSystem: text(json.operatingSystem),
    features: Array.isArray(json.features) ? json.features.filter((feature) => typeof feature === 'string') : [],
    maxHeapSizeBytes: number(object(json.resources).maxHeapSizeBytes),
    workdir: text(json.workdir),
    metricsResources: { certPath: text(metrics.certPath), keyPath: text(metrics.keyPath) },
    systemCaPath: text(json.systemCaPath),
    dataplaneConfig: json.dataplaneConfig ?? undefined,
    ipv6Enabled: json.ipv6Enabled === true,
    spireSocketPath: text(object(json.spireResources).socketPath),
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(object(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function number(value: unknown): number {
  const parsed = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) && parsed >= 0 ? parsed : 0;
}

function port(value: unknown): number {
  const parsed = number(value);
  return Number.isInteger(parsed) && parsed <= 65_535 ? parsed : 0;
}
