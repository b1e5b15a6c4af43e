import { DpError } from '../dp-error.ts';
import type { ControlPlane } from './control-plane.ts';

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);

/** The error that a failed connection means when its certificates or TLS are at fault, which no waiting cures. */
export function tlsProblem(error: unknown, { address, trust }: Pick<ControlPlane, 'address' | 'trust'>): DpError | undefined {
  const { code = '', message } = error as { readonly code?: string; readonly message: string };
  const refuse = (text: string, hint: string): DpError =>
    new DpError({ code: 'KUMA_DP_CP_CERTIFICATE', message: `${text} (${address.origin}: ${code})`, hint, cause: error });
  if (untrusted.has(code)) {
    if (trust.source) {
      const hint = 'Give its CA (for a self-signed one kuma-cp.crt in its work directory) with --ca-cert-file.';
      return refuse(`The control plane's certificate is not signed by the CA in ${trust.source}`, hint);
    }
    return refuse(
      "The control plane's certificate is not signed by a CA that this machine trusts",
      'Give its CA with --ca-cert-file (for a self-signed one kuma-cp.crt in its work directory), or, to try things out, --skip-verify.',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = (error as { readonly cert?: { readonly subjectaltname?: string } }).cert?.subjectaltname ?? 'no name';
    return refuse(
      `The control plane's certificate is not for ${address.hostname}, but for ${names}`,
      'Use one of these names in --cp-address, or give the control plane a certificate with this name; --skip-verify goes without the check.',
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const when = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet';
    return refuse(
      `The control plane's certificate, or the CA that signed it, ${when}`,
      "Renew it, and correct --ca-cert-file if it changed; check this machine's clock.",
    );
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return refuse(
      'There is no TLS server behind the address of the control plane',
      '--cp-address must name the data plane server (port 5678 by default), not the HTTP API (5681).',
    );
  }
  if (code.startsWith('ERR_TLS_') || code.startsWith('CERT_')) {
    return refuse(`The control plane's certificate was refused: ${message}`, 'Check --ca-cert-file.');
  }
  return undefined;
}
