import { Secret } from '@kuma-mesh/envoy-api/generated/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { type EncodedResource, typeUrls } from '../encoded.ts';
import { inline } from '../envoy/values.ts';
import { encodedResource } from '../resource.ts';

/** Key material in PEM. */
export type SecretContent =
  | {
      readonly kind: 'identity';
      /** Leaf first. */
      readonly certificateChain: string;
      readonly privateKey: string;
    }
  | {
      readonly kind: 'ca';
      /** One or more. */
      readonly roots: string;
    };

/** A secret for SDS over ADS. The result holds the private key: never log its bytes. */
export function encodeSecret(name: string, content: SecretContent): EncodedResource {
  return encodedResource(typeUrls.secret, name, Secret.encode({ name, type: secretType(content) }).finish());
}

function secretType(content: SecretContent): Secret['type'] {
  switch (content.kind) {
    case 'identity':
      return {
        $case: 'tlsCertificate',
        value: { certificateChain: inline(content.certificateChain), privateKey: inline(content.privateKey) },
      };
    case 'ca':
      return { $case: 'validationContext', value: { trustedCa: inline(content.roots) } };
  }
}
