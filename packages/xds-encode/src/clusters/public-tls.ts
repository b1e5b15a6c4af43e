import { isIP } from 'node:net';
import type { PublicTlsIr } from '@kuma-mesh/core-model/ir/index.ts';
import {
  type CertificateValidationContext,
  SubjectAltNameMatcher_SanType,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/common.ts';
import { UpstreamTlsContext } from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { type Extension, extension } from '../envoy/pack.ts';
import { exactly } from '../envoy/values.ts';

/** TLS towards a server that proves itself by a certificate for its name. */
export function publicServerTls({ serverName, roots }: PublicTlsIr): Extension {
  return extension('envoy.transport_sockets.tls', UpstreamTlsContext, {
    ...(isIP(serverName) === 0 && { sni: serverName }),
    commonTlsContext: {
      ...(roots !== undefined && {
        validationContextType: { $case: 'validationContext', value: validation(serverName, roots) },
      }),
    },
  });
}

function validation(serverName: string, roots: string): CertificateValidationContext {
  const sanType = isIP(serverName) === 0 ? SubjectAltNameMatcher_SanType.DNS : SubjectAltNameMatcher_SanType.IP_ADDRESS;
  return {
    trustedCa: { specifier: { $case: 'filename', value: roots } },
    matchTypedSubjectAltNames: [{ sanType, matcher: exactly(serverName) }],
  };
}
