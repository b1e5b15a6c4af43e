import type { ProxyIr } from '../ir/index.ts';
import { type Effective, originsOf, pieceOrigins } from '../rules/effective.ts';

/** Says, where it was asked for, that a rule about a proxy as a whole shaped these of its pieces. */
export function shapedBy(
  rule: Effective,
  { origins }: ProxyIr,
  { listeners = [], clusters = [] }: Partial<Pick<ProxyIr, 'listeners' | 'clusters'>>,
): Pick<ProxyIr, 'origins'> {
  if (origins === undefined) return {};
  const by = originsOf(rule);
  return {
    origins: [
      ...origins,
      ...listeners.flatMap(({ name }) => pieceOrigins('listener', name, by)),
      ...clusters.flatMap(({ name }) => pieceOrigins('cluster', name, by)),
    ],
  };
}
