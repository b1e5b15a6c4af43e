import type {
  MeshFaultInjection_Conf as Conf,
  MeshFaultInjection_Abort,
} from '../../generated/types/kuma/mesh_fault_injection.ts';
import { mostFaultRounds } from '../../ir/index.ts';
import { nothingSaid } from '../nothing-said.ts';
import type { Useless } from '../policy.ts';
import { allRounds, endsRequests } from './faults.ts';

export function useless(conf: Conf): readonly Useless[] {
  return [...nothingSaid(conf), ...emptyFaults(conf), ...strangeStatuses(conf), ...lateFaults(conf)];
}

/** A list without any fault is none of them: it says that there shall be none. */
function emptyFaults({ http = [] }: Conf): readonly Useless[] {
  return http.flatMap((fault, i) =>
    Object.keys(fault).length > 0 ? [] : [{ path: ['http', i], why: 'has no effect: it names no fault' }],
  );
}

function strangeStatuses({ http = [] }: Conf): readonly Useless[] {
  return http.flatMap(({ abort }, i) => {
    const why = abort && whyNotThat(abort);
    return why === undefined ? [] : [{ path: ['http', i, 'abort', 'httpStatus'], why }];
  });
}

function whyNotThat(abort: MeshFaultInjection_Abort): string | undefined {
  if (!endsRequests(abort)) return 'has no effect: a status below 200 ends no request';
  if (abort.httpStatus === 204) return 'becomes 502 over HTTP/1.1: Envoy answers with a body, and this status has none';
  if (abort.httpStatus === 304) return 'breaks connections of clients: Envoy answers with a body, and this status has none';
  return undefined;
}

/** Lists are not merged, so that it is plain from one. */
function lateFaults({ http = [] }: Conf): readonly Useless[] {
  const first = http.findIndex((_, i) => allRounds(http.slice(0, i + 1)).length > mostFaultRounds);
  if (first === -1) return [];
  const why = `has no effect, nor has what follows: proxies go through ${mostFaultRounds} rounds of faults, and a delay ends one`;
  return [{ path: ['http', first], why }];
}
