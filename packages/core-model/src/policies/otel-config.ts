import { hostPort, type OtelForwardIr } from '../ir/index.ts';

/** What a sidecar is told of collectors that it sends to in place of its proxy, as JSON. Its shape is Kuma's, whose sidecars read it too. */
export interface OtelConfig {
  readonly backends: readonly OtelConfigBackend[];
}

export interface OtelConfigBackend {
  readonly name: string;
  /** Where the sidecar takes what it sends on, over gRPC. */
  readonly socketPath: string;
  /** `host:port`, as the collector's resource says; without a host it is on the proxy's own. */
  readonly endpoint: string;
  readonly useHTTP: boolean;
  readonly useHTTPS?: boolean;
  /** What paths begin with, over HTTP. */
  readonly path?: string;
  readonly envPolicy: {
    readonly mode: 'Disabled' | 'Optional' | 'Required';
    readonly precedence: 'ExplicitFirst' | 'EnvFirst';
    readonly allowSignalOverrides?: boolean;
  };
  readonly traces?: OtelSignalPlan;
  readonly logs?: OtelSignalPlan;
  readonly metrics?: OtelSignalPlan;
}

/** What control planes of Kuma say of a signal. Ours says of metrics where the rest of them stands, and leaves a blocked signal alone. */
export interface OtelSignalPlan {
  readonly enabled?: boolean;
  /** Of metrics: a duration in text. */
  readonly refreshInterval?: string;
  readonly blockedReasons?: readonly string[] | null;
}

export function otelConfig(forwards: readonly OtelForwardIr[]): OtelConfig {
  return {
    backends: forwards.map(({ name, socket, host = '', port, protocol, tls, basePath, env }) => ({
      name,
      socketPath: socket,
      endpoint: hostPort(host, port),
      useHTTP: protocol === 'http',
      ...(tls && { useHTTPS: true }),
      ...(basePath && { path: basePath }),
      envPolicy: env,
    })),
  };
}
