import type { Target } from './recording-writer.ts';

/**
 * A policy that touches the callers of a service, or all proxies when there is none. Of policies alike the first by name has
 * the last word: for all, its name must come before that of a mesh's first policy.
 */
export function timeoutOf(name: string, service?: string): Target {
  const to = service === undefined ? { kind: 'Mesh' } : { kind: 'MeshService', name: service };
  return {
    path: `/meshes/default/meshtimeouts/${name}`,
    body: (content) => ({
      type: 'MeshTimeout',
      mesh: 'default',
      name,
      spec: { targetRef: { kind: 'Mesh' }, to: [{ targetRef: to, default: { connectionTimeout: `${10 + content}s` } }] },
    }),
    contentOf: ({ spec }: { spec: { to: readonly [{ default: { connectionTimeout: string } }] } }) =>
      Number.parseInt(spec.to[0].default.connectionTimeout, 10) - 10,
  };
}

const firstPort = 1024;

/** One more instance of a service, at another port with each write. */
export function instanceOf(service: string, name: string, address: string): Target {
  return {
    path: `/meshes/default/dataplanes/${name}`,
    body: (content) => ({
      type: 'Dataplane',
      mesh: 'default',
      name,
      networking: {
        address,
        inbound: [{ port: firstPort + content, tags: { 'kuma.io/service': service, 'kuma.io/protocol': 'http' } }],
      },
    }),
    contentOf: ({ networking }: { networking: { inbound: readonly [{ port: number }] } }) =>
      networking.inbound[0].port - firstPort,
  };
}
