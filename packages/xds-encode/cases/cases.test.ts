/**
 * One folder a case: `ir.ts` is what a proxy should do, `xds.golden.yaml` what Envoy is told. Every golden is accepted by
 * the real Envoy. UPDATE_GOLDENS=1 writes the goldens anew and removes those of cases that are gone; read the difference.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { encodeProxy } from '../src/index.ts';
import { asBootstrap } from '../src/testing/as-bootstrap.ts';
import { asJson } from '../src/testing/as-json.ts';
import { envoy, refusal } from '../src/testing/envoy.ts';

const folder = import.meta.dirname;
const update = process.env.UPDATE_GOLDENS === '1';

const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .filter((name) => {
    const live = existsSync(join(folder, name, 'ir.ts'));
    if (!live && update) rmSync(join(folder, name), { recursive: true });
    return live;
  });

describe.each(cases)('%s', (name) => {
  it('is encoded as the golden says', async () => {
    const golden = join(folder, name, 'xds.golden.yaml');
    const yaml = stringify(asJson(encodeProxy(await irOf(name))), { lineWidth: 0 });
    if (update) writeFileSync(golden, yaml);
    expect(yaml).toBe(readFileSync(golden, 'utf8'));
  });

  it.skipIf(!envoy.path)(`is accepted by Envoy${envoy.path ? '' : ` (${envoy.missing})`}`, async () => {
    const json = asJson(encodeProxy(await irOf(name)), { redact: false });
    expect(await refusal(JSON.stringify(asBootstrap(json)))).toBeUndefined();
  });
});

async function irOf(name: string): Promise<ProxyIr> {
  return ((await import(join(folder, name, 'ir.ts'))) as { ir: ProxyIr }).ir;
}
