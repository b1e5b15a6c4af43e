/** `pnpm demo`: a real mesh on this machine, step by step. `--keep` leaves it running. */
import { parseArgs } from 'node:util';
import { demoSteps } from './steps.ts';
import { World } from './world.ts';

const { values: flags } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number, text: string) => (colour ? `\u001B[${code}m${text}\u001B[0m` : text);

const world = new World();
let ending: Promise<void> | undefined;
const end = () => {
  ending ??= world.stop();
  return ending;
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    console.log('\nending all processes');
    void end().then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  });
}

const seen: { title: string; result: string; seconds: number }[] = [];
let failed: { title: string; reason: string } | undefined;

for (const [index, step] of demoSteps.entries()) {
  console.log(`\n${paint(1, `${index + 1}/${demoSteps.length}  ${step.title}`)}\n      ${paint(2, step.explanation)}`);
  const started = performance.now();
  try {
    const result = await step.run(world);
    const seconds = (performance.now() - started) / 1000;
    seen.push({ title: step.title, result, seconds });
    console.log(`      ${paint(32, '✔')} ${result} ${paint(2, `(${seconds.toFixed(1)} s)`)}`);
  } catch (error) {
    if (ending) break;
    failed = { title: step.title, reason: (error as Error).message };
    console.log(`      ${paint(31, '✘')} ${failed.reason}`);
    break;
  }
}

if (!ending) {
  const width = Math.max(...seen.map((step) => step.title.length), 4);
  console.log(`\n${paint(1, 'STEP'.padEnd(width))}   ${paint(1, 'WHAT WAS SEEN')}`);
  for (const step of seen) console.log(`${step.title.padEnd(width)}   ${step.result}`);
  if (failed) console.log(`${failed.title.padEnd(width)}   ${paint(31, 'FAILED')}`);
  console.log(`\nlogs: ${world.logs}`);
  if (flags.keep && !failed) keep();
  else {
    await end();
    if (failed) console.log(`The demo failed at the step "${failed.title}".`);
    process.exit(failed ? 1 : 0);
  }
}

function keep(): void {
  const { controlPlane, web } = world;
  console.log(`
The mesh keeps running; Ctrl-C ends it.
  HTTP API   ${controlPlane.apiUrl}
  web        http://127.0.0.1:${web.port}/   calls backend through the mesh
  kumactl    kumactl --config-file ${controlPlane.workDir}/kumactl.yaml inspect dataplanes`);
}
