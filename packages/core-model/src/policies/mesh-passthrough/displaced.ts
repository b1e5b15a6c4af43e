import { byteProtocols, nameOf, type Passing, placeOf, requestProtocols } from './passing.ts';

export interface Displaced<Item extends Passing> {
  readonly loser: Item;
  /** What counts at its port instead. */
  readonly winner: Item;
}

/**
 * What passes nowhere for the sake of something else at its port: of requests to the same place the kind that comes last in
 * the order of merging is spoken, and beside mysql nothing passes that would have to be read.
 */
export function displaced<Item extends Passing>(all: readonly Item[]): readonly Displaced<Item>[] {
  return [...Map.groupBy(all, ({ port }) => port).values()].flatMap((atPort) => [...byRequests(atPort), ...bySilence(atPort)]);
}

function byRequests<Item extends Passing>(atPort: readonly Item[]): readonly Displaced<Item>[] {
  const requests = atPort.filter(({ protocol }) => requestProtocols.has(protocol));
  return [...Map.groupBy(requests, goal).values()].flatMap((items) => {
    const winner = items.at(-1)!;
    return items.filter(({ protocol }) => protocol !== winner.protocol).map((loser) => ({ loser, winner }));
  });
}

function bySilence<Item extends Passing>(atPort: readonly Item[]): readonly Displaced<Item>[] {
  return atPort
    .filter(({ protocol }) => !byteProtocols.has(protocol))
    .flatMap((loser) => {
      const winner = atPort.findLast((one) => one.protocol === 'mysql' && mayMeet(one, loser));
      return winner ? [{ loser, winner }] : [];
    });
}

function goal(passing: Passing): string {
  return placeOf(passing) || nameOf(passing);
}

/** Each family of addresses has a listener of its own, and domains are in both. */
function mayMeet({ to: one }: Passing, { to: other }: Passing): boolean {
  return one.kind === 'domain' || other.kind === 'domain' || one.family === other.family;
}
