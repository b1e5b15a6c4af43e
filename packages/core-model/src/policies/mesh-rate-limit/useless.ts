import type { MeshRateLimit_Conf as Conf, MeshRateLimit_LocalHttp as Http } from '../../generated/types/kuma/mesh_rate_limit.ts';
import type { SaidOf, Useless } from '../policy.ts';

export function useless({ local }: Conf, { someClients }: SaidOf): readonly Useless[] {
  return [...(someClients ? [] : answersWithoutLimit(local?.http)), ...answersThatAllow(local?.http)];
}

const answer = ['local', 'http', 'onRateLimit'];

function answersWithoutLimit({ disabled, requestRate, onRateLimit }: Http = {}): readonly Useless[] {
  if (disabled === true || onRateLimit === undefined || requestRate !== undefined) return [];
  return [{ path: answer, why: 'has no effect as long as requestRate is not set', lacks: true }];
}

/** Envoy takes no answer for a refusal that says all is well. */
function answersThatAllow({ onRateLimit: { status = 429 } = {} }: Http = {}): readonly Useless[] {
  return status >= 400 ? [] : [{ path: [...answer, 'status'], why: 'has no effect below 400: the answer is 429' }];
}
