import type { ClientFaultsIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { ir as inbound } from '../inbound-strict-http/ir.ts';

const origin = { kri: 'kri_mfi_default_default__experiment_', ruleIndex: 0 };

const faults: readonly ClientFaultsIr[] = [
  {
    client: { kind: 'certificate', match: { kind: 'spiffeId', match: 'exact', value: 'spiffe://default/monitor' } },
    rounds: [],
    origin,
  },
  {
    client: { kind: 'certificate', match: { kind: 'tag', tag: 'kuma.io/service', value: 'web', mesh: 'default' } },
    rounds: [
      [
        { abort: { status: 503, percentage: 10 } },
        {
          abort: { status: 500, percentage: 2.5 },
          delay: { time: 1500, percentage: 5 },
          responseBandwidth: { kibibytesPerSecond: 50_000, percentage: 50 },
        },
      ],
      [{ abort: { status: 502, percentage: 20 } }],
    ],
    origin,
  },
  {
    client: { kind: 'header', name: 'x-kuma-tags', patterns: ['.*&version=([^&]*,)?v1(,[^&]*)?&.*', '.*&env=[^&]*&.*'] },
    rounds: [[{ abort: { status: 404, percentage: 100 } }]],
    origin,
  },
  { client: { kind: 'any' }, rounds: [[{ delay: { time: 10, percentage: 0.0001 } }]], origin },
];

const [listener] = inbound.listeners;
if (listener?.kind !== 'inbound' || listener.handler.kind !== 'http') throw new Error('the case needs an HTTP inbound');

export const ir: ProxyIr = {
  ...inbound,
  listeners: [{ ...listener, handler: { ...listener.handler, filters: [{ kind: 'fault' }, { kind: 'permission' }] } }],
  routes: inbound.routes.map((routes) => ({ ...routes, faults })),
};
