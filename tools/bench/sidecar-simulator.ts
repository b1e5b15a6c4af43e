/**
 * Simulated sidecars against a control plane that runs already:
 *
 *   node tools/bench/sidecar-simulator.ts --cp https://127.0.0.1:5678 --ca FILE [--count 200] [--services 50]
 *     [--outbounds 10] [--mesh default] [--form delta|sotw] [--token-file FILE] [--refuse NAME]
 *
 * The token must be for the whole mesh. Prints, whenever nothing new has come for a second, one JSON line for each version of
 * a resource that was seen: by how many sidecars, and how many milliseconds after the first of the batch. Ends with Ctrl-C.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Fleet } from './simulator/fleet.ts';

const { values: flags } = parseArgs({
  options: {
    cp: { type: 'string', default: 'https://127.0.0.1:5678' },
    ca: { type: 'string' },
    count: { type: 'string', default: '200' },
    services: { type: 'string', default: '50' },
    outbounds: { type: 'string', default: '10' },
    mesh: { type: 'string', default: 'default' },
    form: { type: 'string', default: 'delta' },
    'token-file': { type: 'string' },
    refuse: { type: 'string' },
  },
});
if (!flags.ca) throw new Error('--ca FILE is needed: the certificate of the control plane (kuma-cp.crt in its work directory)');
if (flags.form !== 'delta' && flags.form !== 'sotw') throw new Error(`--form ${flags.form}: expected delta or sotw`);

const token = flags['token-file'] ? readFileSync(flags['token-file'], 'utf8').trim() : undefined;
const refuse = flags.refuse;
const started = performance.now();
const fleet = await Fleet.start({
  controlPlane: new URL(flags.cp),
  ca: readFileSync(flags.ca, 'utf8'),
  mesh: flags.mesh,
  count: Number(flags.count),
  services: Number(flags.services),
  outbounds: Number(flags.outbounds),
  form: flags.form,
  tokenOf: () => token,
  ...(refuse !== undefined && { refuses: (_typeUrl: string, name: string) => name === refuse }),
});
process.stderr.write(`${fleet.sidecars.length} streams open after ${Math.round(performance.now() - started)} ms\n`);

let reported = 0;
setInterval(() => {
  const { sightings, lost } = fleet;
  for (const reason of lost.splice(0)) process.stderr.write(`lost ${reason}\n`);
  if (sightings.count > 0 && sightings.count === reported) {
    for (const line of sightings.report()) process.stdout.write(`${JSON.stringify(line)}\n`);
    sightings.start();
  }
  reported = sightings.count;
}, 1_000);
process.once('SIGINT', () => {
  fleet.stop();
  process.exit(0);
});
