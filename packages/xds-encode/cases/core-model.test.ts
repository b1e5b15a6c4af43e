/** What core-model makes of its own cases is accepted by Envoy, too: nothing is said there that no Envoy could do. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { encodeProxy } from '../src/index.ts';
import { asBootstrap } from '../src/testing/as-bootstrap.ts';
import { asJson, type Json } from '../src/testing/as-json.ts';
import { envoy, refusal } from '../src/testing/envoy.ts';

const folder = join(import.meta.dirname, '../../core-model/cases');
const goldens = globSync('*/ir.golden.yaml', { cwd: folder }).sort();

it.skipIf(!envoy.path)(`every case of core-model is accepted by Envoy${envoy.path ? '' : ` (${envoy.missing})`}`, async () => {
  expect(goldens).not.toEqual([]);
  expect(await refusal(JSON.stringify(inOne(goldens.map(bootstrapOf))))).toBeUndefined();
});

function bootstrapOf(golden: string): Json {
  const ir: ProxyIr = parse(readFileSync(join(folder, golden), 'utf8'));
  return asBootstrap(asJson(encodeProxy(ir), { redact: false }));
}

/** One Envoy for all: each takes longer to start than all cases to check. */
function inOne(bootstraps: Json[]): Json {
  const all = (kind: 'listeners' | 'clusters'): Json[] => bootstraps.flatMap(({ staticResources }) => staticResources[kind]);
  const listeners = all('listeners').map((listener, index) => ({
    ...listener,
    name: `${listener.name} #${index}`,
    address: { socketAddress: { address: '127.0.0.1', portValue: 10_000 + index } },
  }));
  const clusters = Map.groupBy(all('clusters'), ({ name }) => name);
  return { ...bootstraps[0], staticResources: { listeners, clusters: [...clusters.values()].flatMap(distinctlyNamed) } };
}

/** The first keeps its name, for the routes to it. */
function distinctlyNamed([first, ...others]: Json[]): Json[] {
  return first.name === 'ads'
    ? [first]
    : [first, ...others.map((other, index) => ({ ...other, name: `${other.name} #${index}` }))];
}
