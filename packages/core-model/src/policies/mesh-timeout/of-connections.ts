import type { MeshTimeout_Conf as Conf } from '../../generated/types/kuma/mesh_timeout.ts';

/** What concerns connections, and not single requests: it cannot be told of a route, nor of the client a request comes from. */
export const timeoutsOfConnections = [
  'connectionTimeout',
  'idleTimeout',
  'http.maxStreamDuration',
  'http.maxConnectionDuration',
  'http.requestHeadersTimeout',
] as const;

/** Those of the paths at which something is set. */
export function statedOf(conf: Conf, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => {
    const value = path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], conf);
    return value !== undefined;
  });
}
