import { type ChaosOptions, type ChaosReport, ChaosRun } from '../../chaos/chaos-run.ts';
import {
  connectionsCut,
  type Disturbance,
  databaseCrashed,
  databasePaused,
  databaseRestarted,
  hanging,
  killed,
  killedWithoutDatabase,
  notificationsCut,
} from '../../chaos/disturbances.ts';
import type { Figure } from '../figures.ts';

const order: readonly Disturbance[] = [
  killed(0),
  databaseRestarted,
  killed(1),
  databasePaused,
  killed(2),
  databaseCrashed,
  hanging(0, 40_000),
  notificationsCut,
  killedWithoutDatabase(1),
  connectionsCut,
];

export interface LongChaos extends Pick<ChaosOptions, 'sidecars' | 'services' | 'outbounds' | 'every'> {
  /** Milliseconds after which nothing more goes wrong. */
  readonly length: number;
}

/** Three control planes with one killed again and again, and the database restarted and paused in between. @throws Error with all faults */
export async function chaos({ length, ...options }: LongChaos): Promise<readonly Figure[]> {
  const log = (line: string) => void process.stderr.write(`  ${new Date().toISOString()} ${line}\n`);
  await using run = await ChaosRun.start({ ...options, disturbances: until(length), log });
  const report = await run.run();
  const faults = faultsOf(report);
  if (faults.length > 0) throw new Error(`${faults.length} faults:\n${faults.slice(0, 50).join('\n')}`);
  for (const [outcome, count] of report.refusals) log(`writes that ended with ${outcome}: ${count}`);
  return [
    { name: 'writes acknowledged', unit: 'ms', samples: report.writes },
    { name: 'requests in the mesh', unit: 'ms', samples: report.requests },
    { name: 'sidecars without a stream', unit: 'ms', samples: report.absences },
    { name: 'all well again after a disturbance', unit: 'ms', samples: report.recoveries.map(({ took }) => took) },
  ];
}

function faultsOf(report: ChaosReport): readonly string[] {
  return [
    ...report.lostWrites.map((each) => `write lost: ${each}`),
    ...report.contradictions.map((each) => `contradiction: ${each}`),
    ...report.wrongConfigurations.map((each) => `wrong configuration: ${each}`),
    ...report.failedRequests.map((each) => `request failed: ${each}`),
  ];
}

function* until(length: number): Generator<Disturbance> {
  const end = Date.now() + length;
  for (let n = 0; Date.now() < end; n++) yield order[n % order.length]!;
}
