import type { Useless } from './policy.ts';

/** For the kinds whose `default` may be empty. */
export function nothingSaid(conf: object): readonly Useless[] {
  return Object.keys(conf).length > 0 ? [] : [{ path: [], why: 'has no effect: nothing is set' }];
}
