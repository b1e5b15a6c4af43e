import type {
  MeshFaultInjection_Abort as Abort,
  MeshFaultInjection_Conf as Conf,
  MeshFaultInjection_Fault as Fault,
} from '../../generated/types/kuma/mesh_fault_injection.ts';
import { type ClientFaultsIr, type FaultIr, type FaultRoundIr, mostFaultRounds } from '../../ir/index.ts';
import { irOrigin } from '../../rules/effective.ts';
import type { InboundItem } from '../../rules/policy-items.ts';
import { leastSpecificFirst } from '../client-items.ts';
import { decimal, defined, milliseconds } from '../conf-values.ts';
import type { MeshView } from '../policy.ts';
import { kibibytesPerSecond } from './bandwidth.ts';
import { clientOf } from './clients.ts';
import { faultRounds } from './rounds.ts';

/** The faults of each group of clients, most specific first. What an item says replaces what those before it said. */
export function faultsByClient(items: readonly InboundItem[], mesh: MeshView): readonly ClientFaultsIr[] {
  const groups: ClientFaultsIr[] = [];
  for (const { item, match } of leastSpecificFirst(items).toReversed()) {
    const { http } = item.conf as Conf;
    const client = clientOf(item.client, match, mesh);
    if (http === undefined || client === undefined) continue;
    groups.push({
      client,
      rounds: allRounds(http).slice(0, mostFaultRounds),
      origin: irOrigin(item.origin),
    });
    if (client.kind === 'any') break;
  }
  const last = groups.findLastIndex(({ rounds }) => rounds.length > 0);
  return groups.slice(0, last + 1);
}

/** Also those that are too many. */
export function allRounds(http: readonly Fault[]): readonly FaultRoundIr[] {
  return faultRounds(http.map(faultIr).filter((fault) => Object.keys(fault).length > 0));
}

function faultIr({ abort, delay, responseBandwidth }: Fault): FaultIr {
  const time = milliseconds(delay?.value);
  const speed = responseBandwidth && kibibytesPerSecond(responseBandwidth.limit ?? '');
  return defined({
    abort:
      abort && endsRequests(abort) ? { status: abort.httpStatus ?? 500, percentage: decimal(abort.percentage) ?? 0 } : undefined,
    // Envoy has no delay of nothing.
    delay: delay && time ? { time, percentage: decimal(delay.percentage) ?? 0 } : undefined,
    responseBandwidth: speed ? { kibibytesPerSecond: speed, percentage: decimal(responseBandwidth?.percentage) ?? 0 } : undefined,
  });
}

/** An answer below 200 announces another one, and Envoy aborts with none such. */
export function endsRequests({ httpStatus = 500 }: Abort): boolean {
  return httpStatus >= 200;
}
