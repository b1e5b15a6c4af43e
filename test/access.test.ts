import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControlPlane } from '../tools/fixtures/control-plane.ts';
import { ManagedProcess } from '../tools/fixtures/managed-process.ts';
import { NetworkNamespace } from '../tools/fixtures/network-namespace.ts';

const reason = NetworkNamespace.unavailable();

describe.skipIf(reason)(`from another host${reason ? ` (${reason})` : ''}`, () => {
  let controlPlane: ControlPlane;
  let host: NetworkNamespace;

  beforeAll(async () => {
    host = NetworkNamespace.create();
    controlPlane = await ControlPlane.start({ env: { KUMA_API_SERVER_HTTP_INTERFACE: '0.0.0.0' } });
  });

  afterAll(async () => {
    await controlPlane?.process.stop();
    host?.delete();
  });

  async function ask(
    method: string,
    path: string,
    options: { token?: string; body?: unknown } = {},
  ): Promise<{ status: number; body: string }> {
    const request = {
      method,
      headers: { 'content-type': 'application/json', ...(options.token ? { authorization: `Bearer ${options.token}` } : {}) },
      ...(options.body ? { body: JSON.stringify(options.body) } : {}),
    };
    const script = `const r = await fetch(${JSON.stringify(`http://${host.hostAddress}:${controlPlane.ports.http}${path}`)}, ${JSON.stringify(request)});
console.log(JSON.stringify({ status: r.status, body: await r.text() }));`;
    const run = new ManagedProcess({ name: 'request', command: host.command(['node', '--input-type=module', '-e', script]) });
    await run.exited;
    return JSON.parse(run.output) as { status: number; body: string };
  }

  test('anybody may read resources, but not secrets', async () => {
    expect((await ask('GET', '/meshes')).status).toBe(200);
    expect((await ask('GET', '/meshes/default/secrets')).status).toBe(403);
    expect((await ask('GET', '/global-secrets')).status).toBe(403);
  });

  test('nobody may write without a token, and the answer says how to get one', async () => {
    const answer = await ask('PUT', '/meshes/other', { body: { type: 'Mesh', name: 'other' } });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(/token/);
    expect((await ask('POST', '/tokens/dataplane', { body: { mesh: 'default', name: 'x' } })).status).toBe(403);
    expect(await controlPlane.kumactl(['get', 'meshes'])).not.toContain('other');
  });

  test('a user token of the administrators may write, a broken one is refused', async () => {
    const token = await controlPlane.kumactl([
      'generate',
      'user-token',
      '--name',
      'ci',
      '--group',
      'mesh-system:admin',
      '--valid-for',
      '1h',
    ]);
    expect((await ask('PUT', '/meshes/other', { token, body: { type: 'Mesh', name: 'other' } })).status).toBe(201);
    expect((await ask('GET', '/meshes/default/secrets', { token })).status).toBe(200);
    expect((await ask('GET', '/meshes', { token: `${token}x` })).status).toBe(401);
    const add = async (name: string, said: string) => {
      const address = `http://${host.hostAddress}:${controlPlane.ports.http}`;
      const flags = ['--config-file', join(controlPlane.workDir, 'remote'), '--name', name, '--address', address];
      const command = [
        'kumactl',
        'config',
        'control-planes',
        'add',
        ...flags,
        '--auth-type=tokens',
        '--auth-conf',
        `token=${said}`,
      ];
      const run = new ManagedProcess({ name: 'kumactl', command: host.command(command) });
      return { code: (await run.exited).code, output: run.output };
    };
    expect(await add('broken', `${token}x`)).toEqual({ code: 1, output: expect.stringContaining('Invalid authentication data') });
    expect((await add('right', token)).code).toBe(0);
    expect(readFileSync(join(controlPlane.workDir, 'remote'), 'utf8')).not.toContain('broken');
  });
});
