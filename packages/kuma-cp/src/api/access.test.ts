import { createPrivateKey, createPublicKey } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, startApiFixture } from './api-fixture.ts';

const elsewhere = '198.51.100.7';
const mesh = { type: 'Mesh', name: 'access' };

let api: ApiFixture;
beforeAll(async () => {
  api = await startApiFixture();
});
afterAll(() => api.close());

async function secretText(name: string): Promise<string> {
  const { data } = (await api.request('GET', `/global-secrets/${name}`)).json();
  return Buffer.from(data, 'base64').toString();
}
async function userToken(name: string, groups: readonly string[] = []): Promise<Record<string, string>> {
  const answer = await api.request('POST', '/tokens/user', { name, groups, validFor: '1h' });
  return { authorization: `Bearer ${answer.body}` };
}

describe('who a request is from', () => {
  const admin = { name: 'mesh-system:admin', groups: ['mesh-system:admin', 'mesh-system:authenticated'] };
  const anonymous = { name: 'mesh-system:anonymous', groups: ['mesh-system:unauthenticated'] };
  const whoAmI = async (from: string, headers: Record<string, string> = {}) =>
    (await api.requestFrom(from, 'GET', '/who-am-i', undefined, headers)).json();

  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('%s is the admin, even with a broken token', async (address) => {
    expect(await whoAmI(address)).toEqual(admin);
    expect(await whoAmI(address, { authorization: 'Bearer broken' })).toEqual(admin);
  });

  it('elsewhere without a header, or with another scheme, is anonymous', async () => {
    expect(await whoAmI(elsewhere)).toEqual(anonymous);
    expect(await whoAmI(elsewhere, { authorization: 'Basic dTpw' })).toEqual(anonymous);
    expect(await whoAmI('127.0.0.1.evil.example')).toEqual(anonymous);
  });

  it('elsewhere with a user token is that user', async () => {
    expect(await whoAmI(elsewhere, await userToken('jane', ['team']))).toEqual({
      name: 'jane',
      groups: ['team', 'mesh-system:authenticated'],
    });
  });

  it('the stored admin token is the admin', async () => {
    expect(await whoAmI(elsewhere, { authorization: `Bearer ${await secretText('admin-user-token')}` })).toEqual(admin);
  });

  it('a token that is broken, expired, revoked or of another kind is 401', async () => {
    const key = createPrivateKey(await secretText('user-token-signing-key-1'));
    const sign = (claims: object) =>
      new SignJWT({ Name: 'joe', exp: 4e9, ...claims }).setProtectedHeader({ alg: 'RS256', kid: '1' }).sign(key);
    const dataplane = await api.request('POST', '/tokens/dataplane', { mesh: 'default', validFor: '1h' });
    await api.request('PUT', '/global-secrets/user-token-revocations', {
      type: 'GlobalSecret',
      name: 'user-token-revocations',
      data: Buffer.from('revoked-1').toString('base64'),
    });
    for (const token of ['broken', await sign({ exp: 1 }), await sign({ jti: 'revoked-1' }), dataplane.body]) {
      const answer = await api.requestFrom(elsewhere, 'GET', '/meshes', undefined, { authorization: `Bearer ${token}` });
      expect([answer.statusCode, answer.json().title]).toEqual([401, 'Invalid authentication data']);
      expect(answer.body).not.toContain(token);
    }
    expect(await whoAmI(elsewhere, { authorization: `Bearer ${await sign({ jti: 'other' })}` })).toMatchObject({ name: 'joe' });
  });

  it('the host itself is nobody special when the setting says so', async () => {
    const strict = await startApiFixture({ localhostIsAdmin: false });
    expect((await strict.request('GET', '/who-am-i')).json()).toEqual(anonymous);
    const broken = await strict.request('GET', '/who-am-i', undefined, { authorization: 'Bearer broken' });
    expect(broken.statusCode).toBe(401);
    await strict.close();
  });
});

describe('anonymous requests', () => {
  it('read what is no secret', async () => {
    for (const path of ['/', '/meshes', '/meshes/default', '/dataplanes', '/zones', '/_resources', '/policies', '/config']) {
      expect([path, (await api.requestFrom(elsewhere, 'GET', path)).statusCode]).toEqual([path, 200]);
    }
  });

  it.each([
    ['GET', '/global-secrets'],
    ['GET', '/globalsecrets/admin-user-token'],
    ['GET', '/secrets'],
    ['GET', '/meshes/default/secrets'],
    ['GET', '/meshes/default/secrets/dataplane-token-signing-key-default-1'],
    ['PUT', '/meshes/default/secrets/x'],
    ['DELETE', '/global-secrets/admin-user-token'],
    ['PUT', '/meshes/access'],
    ['DELETE', '/meshes/default'],
    ['PUT', '/meshes/default/dataplanes/x'],
    ['POST', '/tokens/dataplane'],
    ['POST', '/tokens/zone'],
    ['POST', '/tokens/user'],
  ])('are denied %s %s', async (method, path) => {
    const answer = await api.requestFrom(elsewhere, method, path, method === 'GET' || method === 'DELETE' ? undefined : mesh);
    expect([answer.statusCode, answer.json().title]).toEqual([403, 'Access Denied']);
    expect(answer.json().detail).toContain('kumactl');
    expect(await api.store.get({ type: 'Mesh', mesh: '', name: 'access' })).toBeUndefined();
  });

  it('write where access.static.writeResources names them', async () => {
    const open = await startApiFixture({ access: { writeResources: { users: [], groups: ['mesh-system:unauthenticated'] } } });
    expect((await open.requestFrom(elsewhere, 'PUT', '/meshes/access', mesh)).statusCode).toBe(201);
    expect((await open.requestFrom(elsewhere, 'GET', '/global-secrets')).statusCode).toBe(403);
    await open.close();
  });
});

describe('users with a token', () => {
  it('write resources but neither read secrets nor make tokens', async () => {
    const headers = await userToken('jane');
    expect((await api.requestFrom(elsewhere, 'PUT', '/meshes/janes', { type: 'Mesh', name: 'janes' }, headers)).statusCode).toBe(
      201,
    );
    expect((await api.requestFrom(elsewhere, 'GET', '/secrets', undefined, headers)).statusCode).toBe(403);
    expect((await api.requestFrom(elsewhere, 'POST', '/tokens/dataplane', { mesh: 'default' }, headers)).statusCode).toBe(403);
  });

  it('are what access.static says of them and their groups', async () => {
    const nobody = { users: [], groups: [] };
    const own = await startApiFixture({
      access: { writeResources: nobody, generateDpToken: { users: ['bob'], groups: ['ops'] } },
    });
    const token = async (body: object) => ({
      authorization: `Bearer ${(await own.request('POST', '/tokens/user', { ...body, validFor: '1h' })).body}`,
    });
    for (const [body, status] of [
      [{ name: 'bob' }, 200],
      [{ name: 'eve', groups: ['ops'] }, 200],
      [{ name: 'eve' }, 403],
    ] as const) {
      const answer = await own.requestFrom(elsewhere, 'POST', '/tokens/dataplane', { mesh: 'default' }, await token(body));
      expect(answer.statusCode).toBe(status);
    }
    expect((await own.requestFrom(elsewhere, 'PUT', '/meshes/access', mesh, await token({ name: 'bob' }))).statusCode).toBe(403);
    await own.close();
  });
});

describe('tokens over HTTP', () => {
  const issue = (kind: string, body: unknown) => api.request('POST', `/tokens/${kind}`, body);
  async function claimsOf(token: string, secret: string) {
    return (await jwtVerify(token, createPublicKey(await secretText(secret)))).payload;
  }

  it('are text/plain, with every claim', async () => {
    const zone = await issue('zone', { zone: 'east', scope: ['cp', 'egress'], validFor: '1h' });
    expect([zone.statusCode, zone.headers['content-type']]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
    expect(await claimsOf(zone.body, 'zone-token-signing-key-1')).toMatchObject({ Zone: 'east', Scope: ['cp', 'egress'] });
    const user = await issue('user', { name: 'jane', validFor: '24h' });
    const claims = await claimsOf(user.body, 'user-token-signing-key-1');
    expect(claims).toMatchObject({ Name: 'jane', Groups: null });
    expect(claims.exp! - claims.iat!).toBe(24 * 3600 + 5);
  });

  it('of dataplanes live ten years when nothing is said', async () => {
    const token = await issue('dataplane', { mesh: 'default', name: 'dp-1', tags: { 'kuma.io/service': ['b', 'a', 'a'] } });
    const key = await api.store.get({ type: 'Secret', mesh: 'default', name: 'dataplane-token-signing-key-default-1' });
    const pem = Buffer.from((key!.spec as { data: string }).data, 'base64').toString();
    expect(pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    const { payload } = await jwtVerify(token.body, createPublicKey(pem));
    expect(payload).toMatchObject({
      Name: 'dp-1',
      Mesh: 'default',
      Tags: { 'kuma.io/service': ['a', 'b'] },
      Type: '',
      Workload: '',
    });
    expect(payload.exp! - payload.iat!).toBe(10 * 365 * 24 * 3600 + 5);
  });

  it.each([
    ['dataplane', {}, 400, ['mesh']],
    ['dataplane', { mesh: 'default', type: 'robot', validFor: 'long' }, 400, ['type', 'validFor']],
    ['dataplane', { mesh: 'absent' }, 404, undefined],
    ['dataplane', { mesh: 5 }, 400, undefined],
    ['user', {}, 400, ['name', 'validFor']],
    ['user', { name: 'x', validFor: '-1h' }, 400, ['validFor']],
    ['zone', { validFor: 'x' }, 400, ['validFor']],
    ['zone', '{', 400, undefined],
  ])('%s %j is %i', async (kind, body, status, fields) => {
    const answer = await issue(kind, body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().invalid_parameters?.map(({ field }: { field: string }) => field)).toEqual(fields);
    if (status === 404) expect(answer.json().title).toBe('Signing Key not found');
  });
});

describe('a read-only API', () => {
  it('refuses writes of resources to everyone', async () => {
    const readOnly = await startApiFixture({ readOnly: true });
    const answer = await readOnly.request('PUT', '/meshes/access', mesh);
    expect([answer.statusCode, answer.json().title]).toEqual([405, 'Method not allowed']);
    expect((await readOnly.request('DELETE', '/meshes/default')).statusCode).toBe(405);
    expect((await readOnly.request('GET', '/meshes/default')).statusCode).toBe(200);
    await readOnly.close();
  });
});
