import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChaosReport, ChaosRun } from '../tools/chaos/chaos-run.ts';
import {
  connectionsCut,
  databaseCrashed,
  databasePaused,
  databaseRestarted,
  hanging,
  killed,
  killedWithoutDatabase,
} from '../tools/chaos/disturbances.ts';

/** A longer run, with more sidecars: `pnpm bench chaos`. */
const options = {
  sidecars: 60,
  services: 10,
  outbounds: 5,
  every: 3_000,
  disturbances: [
    killed(0),
    databaseRestarted,
    killed(1),
    databasePaused,
    killed(2),
    databaseCrashed,
    hanging(0),
    connectionsCut,
    killedWithoutDatabase(1),
  ],
};

describe('three control planes behind one address, killed in turn, and their database with them', () => {
  let run: ChaosRun;
  let report: ChaosReport;

  beforeAll(async () => {
    run = await ChaosRun.start(options);
    report = await run.run();
  }, 300_000);
  afterAll(() => run?.[Symbol.asyncDispose]());

  test('no request in the mesh fails', () => {
    expect(report.failedRequests).toEqual([]);
    expect(report.requests.length).toBeGreaterThan(0);
  });

  test('every acknowledged write is there, by way of each of them, and nothing that was acknowledged as deleted', () => {
    expect(report.lostWrites).toEqual([]);
    expect(report.writes.length).toBeGreaterThan(0);
  });

  test('what one of them has acknowledged, the next answer of another shows', () => {
    expect(report.contradictions).toEqual([]);
  });

  test('every sidecar has what a new one would get from a new control plane', () => {
    expect(report.wrongConfigurations).toEqual([]);
  });

  test('a sidecar that comes back to another control plane keeps what it has', () => {
    expect(report.absences.length).toBeGreaterThan(0);
    expect(report.repeats).toBe(0);
  });
});
