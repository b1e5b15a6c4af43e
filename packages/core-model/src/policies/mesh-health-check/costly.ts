import type { MeshHealthCheck_Conf as Conf } from '../../generated/types/kuma/mesh_health_check.ts';
import { milliseconds } from '../conf-values.ts';
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
/** What concerns a connection is not said over HTTP/2, which proxies speak to each other, but for one value; probes have no body. */
const neverTaken: Readonly<Record<string, string | undefined>> = {
  connection: undefined,
  'keep-alive': undefined,
  'proxy-connection': undefined,
  'transfer-encoding': undefined,
  upgrade: undefined,
  te: 'trailers',
  'content-length': '0',
};

/** Proxies refuse such requests of each other, and then no endpoint is well. */
function probesThatFail({ http = {}, grpc = {} }: Conf): readonly Costly[] {
  const { path = '/', requestHeadersToAdd = {} } = http;
  const headers = (['set', 'add'] as const).flatMap((list) =>
    (requestHeadersToAdd[list] ?? []).flatMap(({ name = '', value }, i) =>
      Object.hasOwn(neverTaken, name) && neverTaken[name] !== value ? [['http', 'requestHeadersToAdd', list, i]] : [],
    ),
  );
  const price = 'makes every probe fail: ';
  return [
    ...(requestPath.test(path)
      ? []
      : [{ path: ['http', 'path'], price: `${price}proxies take paths that begin with / and are without blanks and #` }]),
    ...headers.map((at) => ({ path: at, price: `${price}proxies take no such header of each other` })),
    ...(authority.test(grpc.authority ?? '')
      ? []
      : [{ path: ['grpc', 'authority'], price: `${price}proxies take ASCII without blanks` }]),
  ];
}
