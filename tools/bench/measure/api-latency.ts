import { setTimeout } from 'node:timers/promises';

/** Asks for a URL again and again, a few milliseconds apart, until `meanwhile` has settled. @returns milliseconds of each answer */
export async function latencyDuring(url: string, meanwhile: Promise<unknown>): Promise<readonly number[]> {
  const samples: number[] = [];
  let over = false;
  const end = (): void => {
    over = true;
  };
  meanwhile.then(end, end);
  while (!over) {
    const began = performance.now();
    const answer = await fetch(url);
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`GET ${url}: ${answer.status}`);
    samples.push(performance.now() - began);
    await setTimeout(10);
  }
  await meanwhile;
  return samples;
}
