import type { ProxyIr, TlsParamsIr } from '@kuma-mesh/core-model/ir/index.ts';
import { ir as permissive } from '../inbound-permissive-tcp/ir.ts';
import { ir as strict } from '../inbound-strict-http/ir.ts';
import { ir as outbound } from '../outbound-http/ir.ts';

const modern: TlsParamsIr = { min: '1.2', max: '1.3', ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-CHACHA20-POLY1305'] };

function withParams(listener: ProxyIr['listeners'][number], params: TlsParamsIr): ProxyIr['listeners'][number] {
  if (listener.kind !== 'inbound' || listener.tls.kind === 'none') throw new Error('the case needs an inbound with mutual TLS');
  return { ...listener, tls: { ...listener.tls, params } };
}

export const ir: ProxyIr = {
  ...strict,
  listeners: [
    withParams(strict.listeners[0]!, modern),
    withParams(permissive.listeners[0]!, { min: '1.0', max: '1.1', ciphers: [] }),
  ],
  clusters: [
    ...strict.clusters,
    ...permissive.clusters,
    ...outbound.clusters.map((cluster) => (cluster.tls ? { ...cluster, tls: { ...cluster.tls, params: modern } } : cluster)),
  ],
};
