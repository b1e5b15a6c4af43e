import type { AdminListenerIr, ClusterIr, ProxyNames } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { AdminInput, ProxyInput } from './proxy-input.ts';

const loopback = '127.0.0.1';

/** Unix sockets' paths have a limit; older sidecars cut them here. */
const longestSocketStem = 98;
const readinessSocketFeature = 'feature-readiness-unix-socket';

export interface SystemParts {
  readonly clusters: readonly ClusterIr[];
  readonly listeners: readonly AdminListenerIr[];
}

/** Access to the proxy itself: Envoy's admin interface, and readiness as kuma-dp reports it. */
export function systemParts(
  { dataplane, features, admin, readinessPort, workDir = '' }: ProxyInput,
  names: ProxyNames,
  memo: Memo,
): SystemParts {
  const socket = features.has(readinessSocketFeature)
    ? `${`${workDir}/kuma-readiness-reporter`.slice(0, longestSocketStem)}.sock`
    : undefined;
  const readiness = memo.once('readiness', [names.readiness, socket, readinessPort], () =>
    systemCluster(
      names.readiness,
      'readiness',
      socket === undefined
        ? { kind: 'static', address: { address: loopback, port: readinessPort } }
        : { kind: 'pipe', path: socket },
    ),
  );
  if (admin === undefined || admin.port === 0) return { clusters: memo.intern([readiness]), listeners: [] };
  const { at } = admin;
  const place = at.kind === 'pipe' ? [at.path] : [at.address, at.port];
  const envoyAdmin = memo.once('admin', [names.admin, ...place], () =>
    systemCluster(
      names.admin,
      'admin',
      at.kind === 'pipe' ? at : { kind: 'static', address: { address: at.address, port: at.port } },
    ),
  );
  const address = dataplane.spec.networking?.address ?? loopback;
  // Envoy's own admin interface would be in the way, or is assumed to be, as Kuma does.
  const clusters = memo.intern([envoyAdmin, readiness]);
  if (address === (at.kind === 'address' ? at.address : loopback)) return { clusters, listeners: [] };
  const listener = memo.once(
    'admin listener',
    [envoyAdmin, readiness, address, admin.port, admin.clientCa, admin.server?.certificate, admin.server?.key],
    () => adminListener(admin, address, envoyAdmin.name, readiness.name),
  );
  return { clusters, listeners: [listener] };
}

function systemCluster(name: string, role: ClusterIr['role'], discovery: ClusterIr['discovery']): ClusterIr {
  return deepFreeze<ClusterIr>({ name, role, discovery, protocol: 'http', timeouts: {} });
}

function adminListener(
  { port, clientCa, server }: AdminInput,
  address: string,
  cluster: string,
  readyCluster: string,
): AdminListenerIr {
  return deepFreeze<AdminListenerIr>({
    kind: 'admin',
    name: cluster,
    address: { address, port },
    cluster,
    readyCluster,
    ...(clientCa !== undefined && { clientCa }),
    ...(server && { server }),
  });
}
