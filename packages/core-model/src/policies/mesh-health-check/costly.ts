import type { MeshHealthCheck_Conf as Conf } from '../../generated/types/kuma/mesh_health_check.ts';
import { milliseconds } from '../conf-values.ts';
import { headersOfConnections } from '../headers.ts';
import type { Costly } from '../policy.ts';

export function costly(conf: Conf): readonly Costly[] {
  return [...longWait(conf), ...probesThatFail(conf)];
}

/** So long a control plane lets a proxy take for a new destination; requests that are sent there later fail. Milliseconds. */
const longestWait = 20_000;

/** Proxies wait for the first probe of every endpoint, and so for nearly all of this time. */
function longWait({ initialJitter }: Conf): readonly Costly[] {
  if ((milliseconds(initialJitter) ?? 0) <= longestWait) return [];
  const price = `puts off, by up to ${initialJitter}, that a proxy that starts is ready and that a new destination can be called`;
  return [{ path: ['initialJitter'], price }];
}

/** A fragment is nothing that is sent. */
const requestPath = /^\/[^ \t#]*$/;
const authority = /^[!-~]*$/;

/** Proxies refuse such requests of each other, and then no endpoint is well. */
function probesThatFail({ http = {}, grpc = {} }: Conf): readonly Costly[] {
  const { path = '/', requestHeadersToAdd = {} } = http;
  // Probes have no body, and may say so.
  const headers = headersOfConnections(requestHeadersToAdd).filter(
    ({ name, value }) => name !== 'content-length' || value !== '0',
  );
  const price = 'makes every probe fail: ';
  return [
    ...(requestPath.test(path)
      ? []
      : [{ path: ['http', 'path'], price: `${price}proxies take paths that begin with / and are without blanks and #` }]),
    ...headers.map(({ place }) => ({
      path: ['http', 'requestHeadersToAdd', ...place],
      price: `${price}proxies take no such header of each other`,
    })),
    ...(authority.test(grpc.authority ?? '')
      ? []
      : [{ path: ['grpc', 'authority'], price: `${price}proxies take ASCII without blanks` }]),
  ];
}
