import {
  type ApiConfigSource,
  ApiConfigSource_ApiType,
  ApiVersion,
} from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/config_source.ts';
import type { GrpcService } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/grpc_service.ts';
import { FileBasedMetadataConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/grpc_credential/v3/file_based_metadata.ts';
import { extension } from '../envoy/pack.ts';
import { duration, inline } from '../envoy/values.ts';
import type { BootstrapParams, ControlPlaneAddress } from './bootstrap-params.ts';
import { keepalive } from './static-clusters.ts';
import { systemNames } from './system-names.ts';

/** How the proxy reaches its control plane's streams. */
export function discovery(params: BootstrapParams): ApiConfigSource {
  return {
    apiType: params.delta ? ApiConfigSource_ApiType.DELTA_GRPC : ApiConfigSource_ApiType.GRPC,
    transportApiVersion: ApiVersion.V3,
    grpcServices: [params.token.kind === 'file' ? withTokenFile(params.controlPlane, params.token.path) : overCluster(params)],
    setNodeOnFirstMessageOnly: true,
  };
}

/** After a restart of the control plane its proxies are back before their endpoints would be given up; Envoy's own limit is 30 s. */
const reconnect = { baseInterval: duration(250), maxInterval: duration(3_000) };

function overCluster({ token, features }: BootstrapParams): GrpcService {
  return {
    targetSpecifier: {
      $case: 'envoyGrpc',
      value: { clusterName: systemNames(features).controlPlane, retryPolicy: { retryBackOff: reconnect } },
    },
    ...(token.kind === 'inline' && { initialMetadata: [{ key: 'authorization', value: token.token }] }),
  };
}

/** Only Envoy's Google gRPC client can read a token from a file; it brings its own connection, without a cluster. */
function withTokenFile({ host, port, ca }: ControlPlaneAddress, filename: string): GrpcService {
  const credentials = 'envoy.grpc_credentials.file_based_metadata';
  return {
    targetSpecifier: {
      $case: 'googleGrpc',
      value: {
        targetUri: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
        statPrefix: 'ads',
        channelCredentials: { credentialSpecifier: { $case: 'sslCredentials', value: { rootCerts: inline(ca) } } },
        credentialsFactoryName: credentials,
        callCredentials: [
          {
            credentialSpecifier: {
              $case: 'fromPlugin',
              value: extension(credentials, FileBasedMetadataConfig, {
                secretData: { specifier: { $case: 'filename', value: filename } },
              }),
            },
          },
        ],
        channelArgs: {
          args: {
            'grpc.keepalive_time_ms': integer(keepalive.interval),
            'grpc.keepalive_timeout_ms': integer(keepalive.timeout),
            'grpc.http2.max_pings_without_data': integer(0),
            'grpc.max_reconnect_backoff_ms': integer(3_000),
          },
        },
      },
    },
  };
}

function integer(value: number) {
  return { valueSpecifier: { $case: 'intValue' as const, value } };
}
