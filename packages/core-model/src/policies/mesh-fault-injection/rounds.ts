import type { FaultIr, FaultRoundIr } from '../../ir/index.ts';

/** Each fault is in the last round that those before it and itself make. */
export function faultRounds(faults: readonly FaultIr[]): readonly FaultRoundIr[] {
  const rounds: FaultIr[][] = [];
  for (const fault of faults) {
    const round = rounds.at(-1);
    if (round === undefined) rounds.push([fault]);
    else if (!isOver(round)) {
      if (slows(round) && fault.responseBandwidth) rounds.push([fault]);
      else round.push(fault);
    } else if (fitsBehind(round, fault)) round.push({ ...round.pop(), ...fault });
    else rounds.push([fault]);
  }
  return rounds;
}

function isOver(round: FaultRoundIr): boolean {
  return round.at(-1)?.delay !== undefined;
}

function slows(round: FaultRoundIr): boolean {
  return round.some(({ responseBandwidth }) => responseBandwidth);
}

/** Who waited can still be refused by the same fault. */
function fitsBehind(round: FaultRoundIr, { abort, delay, responseBandwidth }: FaultIr): boolean {
  return delay === undefined && !(abort && round.at(-1)?.abort) && !(responseBandwidth && slows(round));
}
