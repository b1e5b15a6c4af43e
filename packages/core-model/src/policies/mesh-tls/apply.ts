import type { MeshTLS_Conf as Conf } from '../../generated/types/kuma/mesh_tls.ts';
import type { Policy } from '../policy.ts';
import { tlsParams, versionContradiction } from './params.ts';
import { useless } from './useless.ts';

const modes = { Strict: 'strict', Permissive: 'permissive' } as const;

/** How mutual TLS is spoken: the mode is the inbound's own, versions and ciphers are for both sides to agree on. */
export const meshTLS: Policy<Conf> = {
  kind: 'MeshTLS',
  bothSides: true,
  contradictions: versionContradiction,
  inbound: {
    tls: (tls, { merged }) => {
      if (!merged) return tls;
      const { mode } = merged.conf;
      const params = tlsParams(merged.conf);
      return { ...tls, ...(mode && { kind: modes[mode] }), ...(params && { params }) };
    },
  },
  outbound: {
    cluster: (cluster, conf) => {
      const params = tlsParams(conf);
      return cluster.tls && params ? { ...cluster, tls: { ...cluster.tls, params } } : cluster;
    },
  },
  useless,
};
