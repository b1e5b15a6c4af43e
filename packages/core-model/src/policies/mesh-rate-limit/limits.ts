import type {
  MeshRateLimit_LocalHttp as LocalHttp,
  MeshRateLimit_Rate as Rate,
} from '../../generated/types/kuma/mesh_rate_limit.ts';
import type { RateIr, RequestLimitIr } from '../../ir/index.ts';
import { milliseconds } from '../conf-values.ts';
import { header } from '../headers.ts';

const tooManyRequests = 429;
/** Envoy adds no more to an answer. */
export const mostHeaders = 10;

/** @returns undefined where nothing is limited */
export function requestLimit({ disabled = false, requestRate, onRateLimit }: LocalHttp = {}): RequestLimitIr | undefined {
  const allowed = disabled ? undefined : rate(requestRate);
  const { status = tooManyRequests, headers } = onRateLimit ?? {};
  const set = (headers?.set ?? []).map(header);
  // The two lists may come from two policies, and too many would have Envoy refuse the routes with the permissions on them.
  const add = (headers?.add ?? []).map(header).slice(0, mostHeaders - set.length);
  return (
    allowed && {
      rate: allowed,
      // Envoy, too, takes no answer for a refusal that says all is well.
      status: status < 400 ? tooManyRequests : status,
      responseHeaders: { set, add },
    }
  );
}

export function rate({ num, interval: text }: Rate = {}): RateIr | undefined {
  const interval = milliseconds(text);
  return num === undefined || interval === undefined ? undefined : { num, interval };
}
