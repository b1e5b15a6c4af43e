import { hasKriForm } from '@kuma-mesh/core-model/resources/kri.ts';
import type { RuleOrigin } from '@kuma-mesh/core-model/rules/policy-items.ts';
import { type ApiError, badRequest, notFound } from '../api-error.ts';

/** Policies by their KRIs, each once, in order of merging. */
export function originKris(items: readonly { readonly origin: RuleOrigin }[]) {
  return [...new Set(items.map(({ origin }) => origin.kri))].map((kri) => ({ kri }));
}

/** @param kri as a path of the API names something; it is known to name nothing there */
export function absentOrMalformed(what: 'inbound' | 'outbound' | 'route', kri: string): ApiError {
  return hasKriForm(kri)
    ? notFound('Could not retrieve a resource', `the proxy has no ${what} ${kri}`)
    : badRequest(`bad request: Invalid ${what} KRI`);
}
