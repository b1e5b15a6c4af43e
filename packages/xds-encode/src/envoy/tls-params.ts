import type { TlsParamsIr, TlsVersionIr } from '@kuma-mesh/core-model/ir/index.ts';
import {
  type TlsParameters,
  TlsParameters_TlsProtocol as TlsProtocol,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/common.ts';

const protocols: Readonly<Record<TlsVersionIr, TlsProtocol>> = {
  '1.0': TlsProtocol.TLSv1_0,
  '1.1': TlsProtocol.TLSv1_1,
  '1.2': TlsProtocol.TLSv1_2,
  '1.3': TlsProtocol.TLSv1_3,
};

export function tlsParams({ min, max, ciphers }: TlsParamsIr): TlsParameters {
  return {
    ...(min && { tlsMinimumProtocolVersion: protocols[min] }),
    ...(max && { tlsMaximumProtocolVersion: protocols[max] }),
    cipherSuites: [...ciphers],
  };
}
