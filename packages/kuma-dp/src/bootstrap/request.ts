import { existsSync } from 'node:fs';
import { networkInterfaces, totalmem } from 'node:os';
import type { ProxyIdentity } from '../dataplane/read-dataplane.ts';
import type { EnvoyVersion } from '../envoy/version.ts';
import { inventoryOf, type OtelEnvironment } from '../otel/environment.ts';
import { program } from '../program.ts';
import type { RunSettings } from '../settings/run-settings.ts';
import type { DataplaneToken } from './token.ts';

export interface RequestInputs {
  readonly settings: RunSettings;
  readonly identity: ProxyIdentity;
  readonly token: DataplaneToken;
  readonly envoy: EnvoyVersion;
  readonly ca: string;
  readonly workDir: string;
  readonly readinessPort: number;
  /** Whether it takes access logs for TCP servers. */
  readonly streamsLogs: boolean;
  readonly otelEnvironment: OtelEnvironment;
}

/** Body of `POST /bootstrap`; its fields are Kuma's. */
export function bootstrapRequest(inputs: RequestInputs): Readonly<Record<string, unknown>> {
  const { settings, identity, token, envoy } = inputs;
  const maxHeapSizeBytes = settings.maxMemoryBytes ?? containerMemory();
  return {
    mesh: identity.mesh,
    name: identity.name,
    proxyType: settings.proxyType,
    dataplaneToken: token.value,
    dataplaneTokenPath: token.path,
    dataplaneResource: identity.resource ?? '',
    version: {
      kumaDp: { version: program.version, gitTag: `v${program.version}`, gitCommit: 'unknown', buildDate: 'unknown' },
      envoy: { version: envoy.version, build: envoy.build, kumaDpCompatible: envoy.compatible },
    },
    caCert: inputs.ca,
    dynamicMetadata: {},
    otelEnv: inventoryOf(inputs.otelEnvironment),
    readinessPort: inputs.readinessPort,
    // Kuma reads this field the other way round from its name: false says that there is no probe proxy.
    appProbeProxyDisabled: false,
    operatingSystem: process.platform,
    features: features(inputs),
    resources: maxHeapSizeBytes ? { maxHeapSizeBytes } : {},
    workdir: inputs.workDir,
    metricsResources: { certPath: settings.metricsCertPath ?? '', keyPath: settings.metricsKeyPath ?? '' },
    systemCaPath: settings.systemCaPath ?? systemCaPath() ?? '',
    ipv6Enabled: hasIpv6(),
  };
}

/** Only what this kuma-dp really does, or what the control plane alone acts upon. */
function features({ settings, streamsLogs }: RequestInputs): readonly string[] {
  return [
    ...(streamsLogs ? ['feature-tcp-accesslog-via-named-pipe'] : []),
    'feature-otel-via-kuma-dp',
    'feature-strict-inbound-ports',
    'feature-reuse-port',
    ...(settings.xdsVariant === 'DELTA_GRPC' ? ['feature-delta-grpc'] : []),
    ...(settings.unifiedNaming ? ['feature-unified-resource-naming'] : []),
  ];
}

/** Bytes; undefined where nothing limits this process below the machine's memory. */
function containerMemory(): number | undefined {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : undefined;
}

function systemCaPath(): string | undefined {
  const candidates = [
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
    '/etc/ssl/ca-bundle.pem',
    '/etc/ssl/cert.pem',
  ];
  return candidates.find((path) => existsSync(path));
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'));
}
