import type { ClientMatch, SpiffeIdMatch } from '../generated/types/kuma/client_match.ts';
import { nameProblem } from './names.ts';
import type { Problem } from './resource.ts';

/** What is wrong with the conditions on clients of a policy's `rules`. */
export function rulesMatchProblems(rules: readonly { readonly matches?: readonly ClientMatch[] | undefined }[] = []): Problem[] {
  return rules.flatMap(({ matches = [] }, index) =>
    matches.flatMap((match, at) => clientMatchProblems(`spec.rules[${index}].matches[${at}]`, match)),
  );
}

/** What is wrong with a condition on a client. */
export function clientMatchProblems(at: string, { spiffeID, sni }: ClientMatch): Problem[] {
  if (!spiffeID && !sni) return [{ field: `${at}.spiffeID`, reason: 'must be set' }];
  return [...(spiffeID ? spiffeProblems(at, spiffeID) : []), ...serverNameProblems(`${at}.sni.value`, sni?.value)];
}

/** Whether a condition can hold for what comes to a sidecar: server names are what zone proxies are asked for. */
export function isOfSidecars({ sni }: ClientMatch): boolean {
  return sni === undefined;
}

function serverNameProblems(field: string, name: string | undefined): Problem[] {
  const reason = name === undefined ? undefined : nameProblem(name);
  return reason === undefined ? [] : [{ field, reason }];
}

function spiffeProblems(at: string, spiffeID: SpiffeIdMatch): Problem[] {
  const { type, value } = spiffeID;
  const field = `${at}.spiffeID.value`;
  if (value === undefined) return [];
  if (!value.startsWith('spiffe://')) return [{ field, reason: `must begin with spiffe://; got ${JSON.stringify(value)}` }];
  if (value.includes('*')) return [{ field, reason: 'must not have a *: type Prefix matches whatever begins with the value' }];
  if (type === 'Exact' && !/^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)+$/.test(value)) {
    return [{ field, reason: `must be a SPIFFE id such as spiffe://default/web; got ${JSON.stringify(value)}` }];
  }
  return [];
}
