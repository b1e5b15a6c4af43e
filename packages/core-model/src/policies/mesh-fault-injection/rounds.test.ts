import { expect, test } from 'vitest';
import type { FaultIr } from '../../ir/index.ts';
import { faultRounds } from './rounds.ts';

const abort = { abort: { status: 503, percentage: 50 } };
const other = { abort: { status: 500, percentage: 100 } };
const delay = { delay: { time: 100, percentage: 50 } };
const slow = { responseBandwidth: { kibibytesPerSecond: 1, percentage: 100 } };

test.each<[string, FaultIr[], FaultIr[][]]>([
  ['none', [], []],
  ['without delays are one round', [abort, other, slow], [[abort, other, slow]]],
  ['may end with a delay', [abort, delay], [[abort, delay]]],
  ['that follow a delay are one fault with it, as far as they can be', [delay, abort, slow], [[{ ...delay, ...abort, ...slow }]]],
  ['of one kind behind a delay wait for the next round', [delay, abort, other], [[{ ...delay, ...abort }], [other]]],
  ['with several delays are as many rounds', [delay, delay, abort, delay], [[delay], [{ ...delay, ...abort }], [delay]]],
  [
    'slow answers down once in a round',
    [slow, abort, slow, delay],
    [
      [slow, abort],
      [slow, delay],
    ],
  ],
  ['slow answers down once in a round, also behind a delay', [slow, delay, slow], [[slow, delay], [slow]]],
])('faults %s', (_, faults, expected) => {
  expect(faultRounds(faults)).toEqual(expected);
});
