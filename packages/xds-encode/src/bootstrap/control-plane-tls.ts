import {
  type SubjectAltNameMatcher,
  SubjectAltNameMatcher_SanType,
  TlsParameters_TlsProtocol,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/common.ts';
import type { Secret } from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { UpstreamTlsContext } from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { type Extension, extension } from '../envoy/pack.ts';
import { exactly, inline } from '../envoy/values.ts';
import type { ControlPlaneAddress } from './bootstrap-params.ts';

const secretName = 'cp_validation_ctx';

/** TLS towards the control plane, checked against {@link controlPlaneSecret}. */
export function controlPlaneTls({ host }: ControlPlaneAddress): Extension {
  return extension('envoy.transport_sockets.tls', UpstreamTlsContext, {
    sni: host,
    commonTlsContext: {
      tlsParams: { tlsMinimumProtocolVersion: TlsParameters_TlsProtocol.TLSv1_2 },
      validationContextType: { $case: 'validationContextSdsSecretConfig', value: { name: secretName } },
    },
  });
}

export function controlPlaneSecret({ host, ca }: ControlPlaneAddress): Secret {
  const san = (sanType: SubjectAltNameMatcher_SanType): SubjectAltNameMatcher => ({ sanType, matcher: exactly(host) });
  return {
    name: secretName,
    type: {
      $case: 'validationContext',
      value: {
        trustedCa: inline(ca),
        matchTypedSubjectAltNames: [san(SubjectAltNameMatcher_SanType.DNS), san(SubjectAltNameMatcher_SanType.IP_ADDRESS)],
      },
    },
  };
}
