import { hash } from 'node:crypto';
import { Cluster } from '../../../packages/envoy-api/src/generated/envoy/config/cluster/v3/cluster.ts';
import { ClusterLoadAssignment } from '../../../packages/envoy-api/src/generated/envoy/config/endpoint/v3/endpoint.ts';
import { Listener } from '../../../packages/envoy-api/src/generated/envoy/config/listener/v3/listener.ts';
import { RouteConfiguration } from '../../../packages/envoy-api/src/generated/envoy/config/route/v3/route.ts';
import { HttpConnectionManager } from '../../../packages/envoy-api/src/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { Secret } from '../../../packages/envoy-api/src/generated/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import {
  DownstreamTlsContext,
  UpstreamTlsContext,
} from '../../../packages/envoy-api/src/generated/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { typeUrls } from '../../../packages/xds-encode/src/encoded.ts';

/** What a simulated sidecar reads of a resource. */
export interface KnownResource {
  readonly name: string;
  readonly version: string;
  /** Names that an Envoy with this resource subscribes to. */
  readonly needs: {
    readonly endpoints: readonly string[];
    readonly routes: readonly string[];
    readonly secrets: readonly string[];
  };
  /** Tells different needs apart. */
  readonly needsKey: string;
}

type Needs = KnownResource['needs'];

const nothing: Needs = { endpoints: [], routes: [], secrets: [] };
const known = new Map<string, KnownResource>();

/**
 * Decodes a resource once for all sidecars that get the same.
 * @param stated its version, where the protocol says one: a hash of the content, so that it need not be hashed again
 */
export function knownResource(typeUrl: string, bytes: Uint8Array, stated?: string): KnownResource {
  const version = stated ?? hash('sha256', bytes, 'base64url').slice(0, 22);
  const key = `${typeUrl} ${version}`;
  const seen = known.get(key);
  if (seen) return seen;
  const content = read(typeUrl, bytes);
  const fresh = { version, ...content, needsKey: JSON.stringify(content.needs) };
  known.set(key, fresh);
  return fresh;
}

function read(typeUrl: string, bytes: Uint8Array): Omit<KnownResource, 'version' | 'needsKey'> {
  switch (typeUrl) {
    case typeUrls.cluster: {
      const { name = '', edsClusterConfig, transportSocket } = Cluster.decode(bytes);
      return {
        name,
        needs: {
          endpoints: edsClusterConfig ? [edsClusterConfig.serviceName || name] : [],
          routes: [],
          secrets: secretsOf(transportSocket?.configType?.value, UpstreamTlsContext),
        },
      };
    }
    case typeUrls.listener: {
      const { name = '', filterChains = [] } = Listener.decode(bytes);
      return {
        name,
        needs: {
          endpoints: [],
          routes: filterChains.flatMap(({ filters = [] }) => filters.flatMap((filter) => routesOf(filter.configType?.value))),
          secrets: filterChains.flatMap(({ transportSocket }) =>
            secretsOf(transportSocket?.configType?.value, DownstreamTlsContext),
          ),
        },
      };
    }
    case typeUrls.endpoints:
      return { name: ClusterLoadAssignment.decode(bytes).clusterName ?? '', needs: nothing };
    case typeUrls.route:
      return { name: RouteConfiguration.decode(bytes).name ?? '', needs: nothing };
    case typeUrls.secret:
      return { name: Secret.decode(bytes).name ?? '', needs: nothing };
    default:
      return { name: '', needs: nothing };
  }
}

interface Packed {
  readonly typeUrl?: string | undefined;
  readonly value?: Uint8Array | undefined;
}

function routesOf(filter: unknown): readonly string[] {
  const { typeUrl, value } = (filter ?? {}) as Packed;
  if (!typeUrl?.endsWith('HttpConnectionManager') || !value) return [];
  const { routeSpecifier } = HttpConnectionManager.decode(value);
  return routeSpecifier?.$case === 'rds' && routeSpecifier.value.routeConfigName ? [routeSpecifier.value.routeConfigName] : [];
}

function secretsOf(socket: unknown, context: typeof UpstreamTlsContext | typeof DownstreamTlsContext): readonly string[] {
  const { typeUrl, value } = (socket ?? {}) as Packed;
  if (!typeUrl?.endsWith('TlsContext') || !value) return [];
  const { commonTlsContext } = context.decode(value);
  const validation = commonTlsContext?.validationContextType;
  const names = [
    ...(commonTlsContext?.tlsCertificateSdsSecretConfigs ?? []).map(({ name }) => name),
    validation?.$case === 'validationContextSdsSecretConfig' ? validation.value.name : undefined,
    validation?.$case === 'combinedValidationContext' ? validation.value.validationContextSdsSecretConfig?.name : undefined,
  ];
  return names.filter((name): name is string => name !== undefined && name !== '');
}
