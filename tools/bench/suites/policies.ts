import type { Figure } from '../figures.ts';
import { type ScaleOptions, ScaleRun } from './scale.ts';

const manyPolicies = 300;

/**
 * What many policies cost those that a change is about: two control planes with sidecars of their own, alike but for the number
 * of policies. Both get the same changes, now one first, now the other, so that both meet the machine as it is at the time.
 */
export async function policies(given: ScaleOptions): Promise<readonly Figure[]> {
  // Both would write their profiles to the same files.
  const options = { ...given, profile: undefined };
  const figures: Figure[] = [];
  for (const count of options.proxies) {
    const more = options.policies || manyPolicies;
    await using few = await ScaleRun.start(count, { ...options, policies: 0 });
    await using many = await ScaleRun.start(count, { ...options, policies: more });
    for (const run of [few, many]) await run.connect();
    const pair = [
      { run: few, mesh: 'few policies' },
      { run: many, mesh: `${more} policies more` },
    ];
    for (const change of few.changes) {
      const name = `${count} sidecars: ${change.name}`;
      const samples = new Map<string, number[]>(pair.map(({ mesh }) => [mesh, []]));
      process.stderr.write(`  ${name}\n`);
      for (let round = 1; round <= options.rounds; round++) {
        for (const { run, mesh } of round % 2 === 0 ? pair : pair.toReversed()) {
          samples.get(mesh)!.push(...(await run.make(change, round)));
        }
      }
      for (const [mesh, seen] of samples) figures.push({ name: `${name}, ${mesh}`, unit: 'ms', samples: seen });
    }
  }
  return figures;
}
