import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { KumaCpProcess, settingsFor } from './testing/kuma-cp-process.ts';

let dir: string;
const started: KumaCpProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kuma-cp-'));
});
afterEach(async () => {
  for (const each of started.splice(0)) {
    each.kill('SIGKILL');
    await each.exited;
  }
  rmSync(dir, { recursive: true });
});

function kumaCp(args: readonly string[], env: Record<string, string> = {}): KumaCpProcess {
  const process = new KumaCpProcess(args, { ...settingsFor(dir), ...env });
  started.push(process);
  return process;
}

/** Runs to the end. */
async function outcome(args: readonly string[], env: Record<string, string> = {}) {
  const process = kumaCp(args, env);
  const code = await process.exited;
  return { code, stdout: process.stdout, stderr: process.stderr };
}

function portOf(line: Record<string, unknown>, server: string): number {
  return (line.ports as Record<string, number>)[server]!;
}

describe('kuma-cp', () => {
  test('says its version, briefly and with what it runs on', async () => {
    expect(await outcome(['version'])).toEqual({ code: 0, stdout: `kuma-cp ${manifest.version}\n`, stderr: '' });
    const { stdout } = await outcome(['version', '--detailed']);
    expect(stdout).toContain(manifest.version);
    expect(stdout).toContain(process.version);
  });

  test('shows its commands', async () => {
    const help = await outcome(['help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('migrate up');
    expect(await outcome(['run', '--help'])).toEqual(help);
  });

  test.each([
    [['frobnicate'], 'there is no command "frobnicate"'],
    [['run', '--frob'], '--frob'],
    [['run', '--log-level', 'loud'], '--log-level "loud" is not valid; expected one of off, error, warn, info, debug, trace'],
    [['migrate', 'down'], 'kuma-cp migrate up'],
  ])('refuses %j with a word on what there is', async (args, message) => {
    const { code, stdout, stderr } = await outcome(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Error: /);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Hint: kuma-cp help');
  });

  test('names everything that is wrong with its settings, and does not start', async () => {
    const file = join(dir, 'cp.yaml');
    writeFileSync(file, 'apiServer:\n  http:\n    prot: 1\n');
    const { code, stderr } = await outcome(['run', '--config-file', file], { KUMA_STORE_TYPE: 'sqlite' });
    expect(code).toBe(1);
    expect(stderr).toContain('apiServer.http.prot (cp.yaml:3): unknown key; did you mean "apiServer.http.port"?');
    expect(stderr).toContain('store.type (KUMA_STORE_TYPE): "sqlite" is not valid');
  });

  test('says that its configuration file is not there', async () => {
    const { code, stderr } = await outcome(['run', '-c', join(dir, 'absent.yaml')]);
    expect(code).toBe(1);
    expect(stderr).toContain('absent.yaml');
    expect(stderr).toContain('Hint: check the path after --config-file');
  });

  test('warns of settings without effect and starts', async () => {
    const process = kumaCp(['run'], { KUMA_STORE_TYPE: 'memory', KUMA_DNS_SERVER_DOMAIN: 'other', KUMA_STORE_TIPE: 'x' });
    await process.ready();
    const warnings = process.log.filter((line) => line.level === 'warn').map((line) => line.msg);
    expect(warnings).toContain('dnsServer.domain (KUMA_DNS_SERVER_DOMAIN) is not built yet and has no effect');
    expect(warnings).toContainEqual(expect.stringContaining('did you mean KUMA_STORE_TYPE?'));
  });
});

describe('kuma-cp run', () => {
  test('serves the API, is ready, and ends with 0 on SIGTERM', async () => {
    const process = kumaCp(['run']);
    const ready = await process.ready();
    const index = await fetch(`http://127.0.0.1:${portOf(ready, 'http')}/`);
    expect(await index.json()).toMatchObject({ product: 'Kuma', version: manifest.version });
    const diagnostics = `http://127.0.0.1:${portOf(ready, 'diagnostics')}`;
    expect((await fetch(`${diagnostics}/ready`)).status).toBe(200);
    expect(await (await fetch(`${diagnostics}/metrics`)).text()).toContain('process_cpu_seconds_total');
    process.kill('SIGTERM');
    expect(await process.exited).toBe(0);
  });

  test('has after SIGKILL what it had answered before, and its certificate', async () => {
    const first = kumaCp(['run']);
    const url = `http://127.0.0.1:${portOf(await first.ready(), 'http')}/meshes/kept`;
    const put = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"type":"Mesh","name":"kept"}',
    });
    expect(put.status).toBe(201);
    first.kill('SIGKILL');
    await first.exited;

    const second = kumaCp(['run']);
    const ready = await second.ready();
    expect((await fetch(`http://127.0.0.1:${portOf(ready, 'http')}/meshes/kept`)).status).toBe(200);
    expect(second.stderr).not.toContain('PRIVATE KEY');
  });

  test('keeps nothing with the memory store, not even a file of it', async () => {
    const process = kumaCp(['run'], { KUMA_STORE_TYPE: 'memory', KUMA_STORE_EMBEDDED_DIR: join(dir, 'store') });
    await process.ready();
    await expect(async () => new DatabaseSync(join(dir, 'kuma.db'), { readOnly: true })).rejects.toThrow();
  });

  test('ends with 0 on SIGINT, also while it starts', async () => {
    const process = kumaCp(['run', '--log-level', 'debug']);
    process.kill('SIGINT');
    // Before its handlers are there the signal itself ends the process.
    expect([0, null]).toContain(await process.exited);
    const other = kumaCp(['run']);
    await other.ready();
    other.kill('SIGINT');
    expect(await other.exited).toBe(0);
  });

  test('names the port that is taken and the setting that chooses it', async () => {
    const taken = createServer().listen(0);
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    for (const [variable, setting] of [
      ['KUMA_API_SERVER_HTTP_PORT', 'apiServer.http.port'],
      ['KUMA_API_SERVER_HTTPS_PORT', 'apiServer.https.port'],
      ['KUMA_DIAGNOSTICS_SERVER_PORT', 'diagnostics.serverPort'],
      ['KUMA_DP_SERVER_PORT', 'dpServer.port'],
      ['KUMA_MONITORING_ASSIGNMENT_SERVER_PORT', 'monitoringAssignmentServer.port'],
    ]) {
      const { code, stderr } = await outcome(['run'], { [variable!]: String(port) });
      expect({ setting, code }).toEqual({ setting, code: 1 });
      expect(stderr).toContain(`Error: port ${port} (${setting}) is in use`);
      expect(stderr).toContain(`choose another port with ${setting} (${variable})`);
    }
    taken.close();
  });

  test('names the address that this host does not have and its setting', async () => {
    const { code, stderr } = await outcome(['run'], { KUMA_API_SERVER_HTTP_INTERFACE: '203.0.113.9' });
    expect(code).toBe(1);
    expect(stderr).toContain('Error: this host has no address "203.0.113.9" (apiServer.http.interface)');
  });

  test('refuses a store that another kuma-cp has', async () => {
    await kumaCp(['run']).ready();
    const { code, stderr } = await outcome(['run']);
    expect(code).toBe(1);
    expect(stderr).toContain(`Error: another kuma-cp is running on ${join(dir, 'kuma.db')}`);
    expect(stderr).toContain('Hint: ');
  });

  test('says which setting names a work directory that cannot be used', async () => {
    writeFileSync(join(dir, 'file'), '');
    const { code, stderr } = await outcome(['run'], { KUMA_GENERAL_WORK_DIR: join(dir, 'file') });
    expect(code).toBe(1);
    expect(stderr).toContain(join(dir, 'file'));
    expect(stderr).toContain('general.workDir');
  });

  test('names the setting of a certificate that is not there', async () => {
    const { code, stderr } = await outcome(['run'], {
      KUMA_GENERAL_TLS_CERT_FILE: join(dir, 'absent.crt'),
      KUMA_GENERAL_TLS_KEY_FILE: join(dir, 'absent.key'),
    });
    expect(code).toBe(1);
    expect(stderr).toContain('general.tlsCertFile');
  });

  test('writes no log at all when told so', async () => {
    const probe = createServer().listen(0);
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    const process = kumaCp(['run', '--log-level', 'off'], {
      KUMA_STORE_TYPE: 'memory',
      KUMA_DIAGNOSTICS_SERVER_PORT: String(port),
    });
    await expect.poll(() => isReady(port), { timeout: 20_000 }).toBe(true);
    process.kill('SIGTERM');
    expect(await process.exited).toBe(0);
    expect(process.stderr).toBe('');
  });
});

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
  return answer?.status === 200;
}

describe('kuma-cp migrate up', () => {
  test('makes the schema, then finds nothing to do', async () => {
    expect(await outcome(['migrate', 'up'])).toEqual({ code: 0, stdout: 'Applied: 0001-initial\n', stderr: '' });
    expect(await outcome(['migrate', 'up'])).toEqual({ code: 0, stdout: 'The store is up to date.\n', stderr: '' });
  });

  test('refuses a store of a newer version', async () => {
    await outcome(['migrate', 'up']);
    const file = new DatabaseSync(join(dir, 'kuma.db'));
    file.exec(`insert into kysely_migration (name, timestamp) values ('9999-future', '2030-01-01T00:00:00Z')`);
    file.close();
    for (const args of [['migrate', 'up'], ['run']]) {
      const { code, stderr } = await outcome(args);
      expect(code).toBe(1);
      expect(stderr).toContain('a newer kuma-cp (its schema has "9999-future")');
    }
  });

  test('uses the directory of store.embedded.dir from the file', async () => {
    mkdirSync(join(dir, 'elsewhere'));
    const file = join(dir, 'cp.yaml');
    writeFileSync(file, `store: {embedded: {dir: ${join(dir, 'elsewhere')}}}`);
    expect(await outcome(['migrate', 'up', '-c', file])).toMatchObject({ code: 0 });
    new DatabaseSync(join(dir, 'elsewhere', 'kuma.db'), { readOnly: true }).close();
  });
});
