import type { ProxyIr, RequestLimitIr } from '@kuma-mesh/core-model/ir/index.ts';
import { ir as tcp } from '../inbound-permissive-tcp/ir.ts';
import { ir as http } from '../inbound-strict-http/ir.ts';

const requestLimit: RequestLimitIr = {
  rate: { num: 5, interval: 10_000 },
  status: 423,
  responseHeaders: {
    set: [{ name: 'x-kuma-rate-limited', value: '100%' }],
    add: [{ name: 'retry-after', value: '10' }],
  },
};
const connectionLimit = { kind: 'connection-limit', rate: { num: 100, interval: 1500 } } as const;

const web = http.listeners[0];
const database = tcp.listeners[0];
if (web?.kind !== 'inbound' || web.handler.kind !== 'http') throw new Error('the case needs an HTTP inbound');
if (database?.kind !== 'inbound' || database.handler.kind !== 'tcp') throw new Error('the case needs a TCP inbound');

export const ir: ProxyIr = {
  ...http,
  listeners: [
    {
      ...web,
      handler: {
        ...web.handler,
        filters: [{ kind: 'request-limit' }, ...web.handler.filters, { kind: 'fault' }],
        connectionFilters: [connectionLimit],
      },
    },
    { ...database, handler: { ...database.handler, filters: [...database.handler.filters, connectionLimit] } },
  ],
  routes: http.routes.map((routes) => ({ ...routes, requestLimit })),
  clusters: [...http.clusters, ...tcp.clusters],
};
