import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { ControlPlane } from '../../fixtures/control-plane.ts';
import type { Figure } from '../figures.ts';

const run = promisify(execFile);

/** Start-up of kuma-cp once its keys exist, cold start of the command line, memory of an idle control plane. */
export async function programs(rounds: number): Promise<readonly Figure[]> {
  let controlPlane = await ControlPlane.start();
  const startUp: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await controlPlane.process.stop();
    const started = performance.now();
    controlPlane = await controlPlane.startAgain();
    startUp.push(performance.now() - started);
  }
  const cold: number[] = [];
  for (let round = 0; round < rounds * 2; round++) {
    const started = performance.now();
    await run('kumactl', ['generate', 'public-key', '--help']);
    cold.push(performance.now() - started);
  }
  const get: number[] = [];
  for (let round = 0; round < rounds * 2; round++) {
    const started = performance.now();
    await controlPlane.kumactl(['get', 'meshes']);
    get.push(performance.now() - started);
  }
  const memory = residentMegabytes(controlPlane.process.pid);
  await controlPlane.process.stop();
  return [
    { name: 'kuma-cp: start to ready', unit: 'ms', samples: startUp },
    { name: 'kuma-cp: resident, idle', unit: 'MB', samples: [memory] },
    { name: 'kumactl: cold start', unit: 'ms', samples: cold },
    { name: 'kumactl get meshes', unit: 'ms', samples: get },
  ];
}

/** Resident set of a process, without its children. Linux only; elsewhere NaN. */
export function residentMegabytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
  } catch {
    return Number.NaN;
  }
}
