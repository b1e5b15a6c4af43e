import type { TlsParamsIr } from '@kuma-mesh/core-model/ir/index.ts';
import {
  type SubjectAltNameMatcher,
  SubjectAltNameMatcher_SanType,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/common.ts';
import type { CommonTlsContext } from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import type { StringMatcher } from '@kuma-mesh/envoy-api/generated/envoy/type/matcher/v3/string.ts';
import { tlsParams } from './tls-params.ts';
import { overAds } from './values.ts';

/** What both ends of a mesh connection have in common: own certificate and roots over SDS, and whom to accept. */
export function meshTls(
  tls: { readonly identitySecret: string; readonly caSecret: string; readonly params?: TlsParamsIr },
  peers: SubjectAltNameMatcher[],
): CommonTlsContext {
  return {
    ...(tls.params && { tlsParams: tlsParams(tls.params) }),
    tlsCertificateSdsSecretConfigs: [{ name: tls.identitySecret, sdsConfig: overAds() }],
    validationContextType: {
      $case: 'combinedValidationContext',
      value: {
        defaultValidationContext: { matchTypedSubjectAltNames: peers },
        validationContextSdsSecretConfig: { name: tls.caSecret, sdsConfig: overAds() },
      },
    },
  };
}

export function uriSan(matcher: StringMatcher): SubjectAltNameMatcher {
  return { sanType: SubjectAltNameMatcher_SanType.URI, matcher };
}
