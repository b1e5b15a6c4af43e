import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBootstrapServer } from './testing/bootstrap-server.ts';
import { selfSigned } from './testing/certificate.ts';
import { freePort } from './testing/free-port.ts';
import { envoyArgs, isAlive, startKumaDp } from './testing/kuma-dp.ts';
import { staticBootstrap } from './testing/static-bootstrap.ts';
import { until } from './testing/until.ts';

let folder: string;
let envoy: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dp-test-'));
  envoy = await envoyArgs();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const identity = ['--name', 'web-1', '--mesh', 'default'];

describe('starting', () => {
  it('waits for a control plane that is not up yet, says so, and starts when it is', async () => {
    const port = await freePort();
    const certificate = await selfSigned(['127.0.0.1']);
    const ca = await file('late.pem', certificate.certificate);
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', `https://127.0.0.1:${port}`, '--ca-cert-file', ca]);
    await dp.logged(/Waiting for the control plane: nothing listens there yet/);
    await using _cp = await startBootstrapServer({
      port,
      certificate,
      answer: (request) => ({ status: 200, bootstrap: staticBootstrap(request) }),
    });
    const { readinessPort } = await dp.envoyStarted();
    await until('readiness', async () => (await fetch(`http://127.0.0.1:${readinessPort}/ready`)).ok);
  });

  it('keeps asking while the control plane does not know the Dataplane', async () => {
    let asked = 0;
    await using cp = await startBootstrapServer({
      answer: (request) => (++asked < 3 ? { status: 404 } : { status: 200, bootstrap: staticBootstrap(request) }),
    });
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    await dp.logged(/does not know this Dataplane yet/);
    await dp.envoyStarted();
    expect(cp.requests).toHaveLength(3);
  });

  it('takes the bare YAML of a control plane that answers so', async () => {
    await using cp = await startBootstrapServer({ answer: (request) => ({ status: 200, body: staticBootstrap(request) }) });
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    await dp.envoyStarted();
  });

  it('sends what identifies the proxy, in the fields that Kuma reads', async () => {
    await using cp = await startBootstrapServer({ answer: () => ({ status: 422, body: 'enough' }) });
    const ca = await file('ca.pem', cp.ca);
    const template =
      'type: Dataplane\nname: "{{ name }}"\nnetworking:\n  address: 127.0.0.1\n  inbound:\n  - port: 8080\n    tags: { kuma.io/service: web }\n';
    const path = await file('dataplane.yaml', template);
    const args = ['-d', path, '-v', 'name=web-1', '--ca-cert-file', ca, '--cp-address', cp.url, '--dataplane-token', 'a.b.c'];
    await using dp = startKumaDp([...args, ...envoy], { env: { KUMA_READINESS_PORT: '0' } });
    await dp.exited;
    expect(cp.headers[0]?.accept).toBe('application/json');
    const {
      dataplaneResource,
      workdir,
      dataplaneTokenPath,
      readinessPort,
      resources: _r,
      systemCaPath: _s,
      ipv6Enabled: _i,
      ...rest
    } = cp.requests[0]!;
    expect(JSON.parse(dataplaneResource as string)).toMatchObject({ type: 'Dataplane', mesh: 'default', name: 'web-1' });
    expect(dataplaneTokenPath).toBe(join(workdir, 'token'));
    expect(readinessPort).toBeGreaterThan(0);
    expect(rest).toEqual({
      mesh: 'default',
      name: 'web-1',
      proxyType: 'dataplane',
      dataplaneToken: 'a.b.c',
      version: {
        kumaDp: { version: '0.1.0', gitTag: 'v0.1.0', gitCommit: 'unknown', buildDate: 'unknown' },
        envoy: { version: '1.40.0', build: expect.stringMatching(/^[0-9a-f]{40}\/1\.40\.0\//), kumaDpCompatible: true },
      },
      caCert: cp.ca,
      dynamicMetadata: {},
      appProbeProxyDisabled: false,
      operatingSystem: process.platform,
      features: [
        'feature-tcp-accesslog-via-named-pipe',
        'feature-otel-via-kuma-dp',
        'feature-strict-inbound-ports',
        'feature-reuse-port',
        'feature-delta-grpc',
      ],
      metricsResources: { certPath: '', keyPath: '' },
    });
  });

  it('lets flags win over the environment', async () => {
    await using cp = await startBootstrapServer({ answer: () => ({ status: 422, body: 'enough' }) });
    await using dp = startKumaDp([...envoy, '--name', 'from-flag'], {
      env: {
        KUMA_DATAPLANE_NAME: 'from-environment',
        KUMA_DATAPLANE_MESH: 'mesh-from-environment',
        KUMA_CONTROL_PLANE_URL: cp.url,
        KUMA_CONTROL_PLANE_TLS_SKIP_VERIFY: 'true',
        KUMA_DATAPLANE_RUNTIME_ENVOY_XDS_TRANSPORT_PROTOCOL_VARIANT: 'GRPC',
      },
    });
    await dp.exited;
    expect(cp.requests[0]).toMatchObject({ name: 'from-flag', mesh: 'mesh-from-environment' });
    expect(cp.requests[0]!.features).not.toContain('feature-delta-grpc');
  });

  it('keeps token and configuration from other users, and the token out of process list, environment of Envoy and log', async () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.c2VjcmV0.c2ln';
    await using cp = await startBootstrapServer({ answer: (request) => ({ status: 200, bootstrap: staticBootstrap(request) }) });
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify', '--log-level', 'debug'], {
      env: { KUMA_DATAPLANE_RUNTIME_TOKEN: token },
    });
    const { pid, workDir } = await dp.envoyStarted();
    expect(cp.requests[0]!.dataplaneToken).toBe(token);
    expect((await stat(workDir)).mode & 0o777).toBe(0o700);
    for (const name of ['token', 'bootstrap.yaml']) expect((await stat(join(workDir, name))).mode & 0o777).toBe(0o600);
    for (const process of [dp.pid, pid]) expect(await readFile(`/proc/${process}/cmdline`, 'utf8')).not.toContain(token);
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain(token);
    expect(dp.log()).not.toContain(token);
  });
});

describe('answers to what is wrong', () => {
  it('names --ca-cert-file when the certificate is signed by nobody known', async () => {
    await using cp = await startBootstrapServer({ answer: () => ({ status: 200 }) });
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url]);
    expect(await dp.exited).toEqual({ code: 1, signal: null });
    expect(dp.log()).toContain('not signed by a CA that this machine trusts');
    expect(dp.log()).toContain('--ca-cert-file');
    expect(cp.requests).toHaveLength(0);
  });

  it('says so when the given CA is another', async () => {
    await using cp = await startBootstrapServer({ answer: () => ({ status: 200 }) });
    const other = await file('other.pem', (await selfSigned(['localhost'])).certificate);
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--ca-cert-file', other]);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toContain(`not signed by the CA in ${other}`);
  });

  it('names the certificate’s names when the address is none of them', async () => {
    const certificate = await selfSigned(['cp.example']);
    await using cp = await startBootstrapServer({ certificate, answer: () => ({ status: 200 }) });
    const ca = await file('named.pem', cp.ca);
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--ca-cert-file', ca]);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toMatch(/is not for 127\.0\.0\.1, but for DNS:cp\.example/);
  });

  it('tells of an expired certificate', async () => {
    const certificate = await selfSigned(['127.0.0.1'], new Date(Date.now() - 60_000));
    await using cp = await startBootstrapServer({ certificate, answer: () => ({ status: 200 }) });
    const ca = await file('expired.pem', cp.ca);
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--ca-cert-file', ca]);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toContain('has expired');
  });

  it('tells a CA file that is none', async () => {
    const ca = await file('none.pem', 'no certificate');
    await using dp = startKumaDp([...identity, ...envoy, '--ca-cert-file', ca]);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toContain(`The CA in ${ca} cannot be read as a PEM certificate`);
  });

  it('tells an address that speaks no TLS, and names the port that does', async () => {
    const { createServer } = await import('node:http');
    const server = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', `https://127.0.0.1:${port}`]);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toContain('There is no TLS server behind the address');
    expect(dp.log()).toContain('5678');
    server.close();
  });

  it('passes on why the control plane refused', async () => {
    await using cp = await startBootstrapServer({ answer: () => ({ status: 422, body: 'mesh "shop" does not exist' }) });
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toMatch(/refused this proxy \(422\): mesh \\"shop\\" does not exist/);
  });

  it('gives up waiting after the longest time, with the last reason', async () => {
    const port = await freePort();
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', `https://127.0.0.1:${port}`], {
      env: { KUMA_CONTROL_PLANE_RETRY_MAX_DURATION: '300ms' },
    });
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toMatch(
      /Gave up waiting for the control plane at https:\/\/127\.0\.0\.1:\d+ after 0 s: nothing listens there yet/,
    );
  });

  it('says what to do about a missing Envoy', async () => {
    await using dp = startKumaDp([...identity, '--binary-path', '/nonexistent/envoy']);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toMatch(/There is no Envoy binary at \/nonexistent\/envoy/);
    expect(dp.log()).toContain('--binary-path');
  });

  it('tells every problem of a Dataplane at once, before asking anybody', async () => {
    const path = await file('bad.yaml', 'type: Dataplane\nname: Web_1\nnetworking:\n  adress: 127.0.0.1\n');
    await using dp = startKumaDp(['-d', path, ...envoy]);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toMatch(/is not valid:.*name: .*networking\.adress.*address/);
  });

  it('takes exactly one resource as template', async () => {
    const two = 'type: Dataplane\nname: web\n---\ntype: Dataplane\nname: api\n';
    for (const [content, count] of [['', 0] as const, ['# later\n', 0] as const, [two, 2] as const]) {
      const path = await file('count.yaml', content);
      await using dp = startKumaDp(['-d', path, ...envoy]);
      expect((await dp.exited).code).toBe(1);
      expect(dp.log()).toContain(`must be one resource; there are ${count}`);
    }
  });

  it('takes a template between lines of dashes', async () => {
    await using cp = await startBootstrapServer({ answer: () => ({ status: 422, body: 'asked' }) });
    const path = await file(
      'dashes.yaml',
      '---\ntype: Dataplane\nname: web\nnetworking: {address: 127.0.0.1, inbound: [{port: 80, tags: {kuma.io/service: web}}]}\n---\n',
    );
    await using dp = startKumaDp(['-d', path, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toContain('asked');
  });

  it('takes over in a template what an anchor says', async () => {
    await using cp = await startBootstrapServer({ answer: () => ({ status: 422, body: 'asked' }) });
    const inbound = '[&first {port: 80, tags: {kuma.io/service: web}}, {<<: *first, port: 81}]';
    const path = await file('merge.yaml', `type: Dataplane\nname: web\nnetworking: {address: 127.0.0.1, inbound: ${inbound}}\n`);
    await using dp = startKumaDp(['-d', path, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toContain('asked');
  });

  it('names an anchor that is not in the template', async () => {
    const path = await file('anchor.yaml', 'type: Dataplane\nname: web\nnetworking: *nothing\n');
    await using dp = startKumaDp(['-d', path, ...envoy]);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toMatch(/anchor\.yaml is not valid:.*Unresolved alias.*nothing/);
  });

  it('names a template variable without a value', async () => {
    const path = await file('gap.yaml', 'type: Dataplane\nname: {{ name }}\nnetworking: {address: {{ address }}}\n');
    await using dp = startKumaDp(['-d', path, '-v', 'name=web', ...envoy]);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toMatch(/\{\{ address \}\} has no value/);
    expect(dp.log()).toContain('--dataplane-var address=');
  });

  it('names the variable for another port when the readiness port is taken', async () => {
    const { createServer } = await import('node:net');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await using dp = startKumaDp([...identity, ...envoy], { env: { KUMA_READINESS_PORT: String(port) } });
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toMatch(
      new RegExp(`cannot listen on port ${port}: it is in use.*KUMA_READINESS_PORT|KUMA_READINESS_PORT.*${port}`),
    );
    server.close();
  });

  it('ends with Envoy’s own words when Envoy refuses its configuration', async () => {
    await using cp = await startBootstrapServer({
      answer: (request) => ({ status: 200, bootstrap: staticBootstrap(request).replace('"node"', '"nodule"') }),
    });
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    expect((await dp.exited).code).toBe(1);
    expect(dp.log()).toMatch(/Envoy ended with exit code 1; its last complaints:.*nodule/);
  });
});

describe('supervision', () => {
  const serving = () => startBootstrapServer({ answer: (request) => ({ status: 200, bootstrap: staticBootstrap(request) }) });

  it('ends non-zero and says why when Envoy dies', async () => {
    await using cp = await serving();
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    const { pid, workDir } = await dp.envoyStarted();
    process.kill(pid, 'SIGKILL');
    expect(await dp.exited).toEqual({ code: 1, signal: null });
    expect(dp.log()).toContain('Envoy was ended by SIGKILL');
    expect(existsSync(workDir)).toBe(false);
  });

  it('takes Envoy along when it is killed itself', async () => {
    await using cp = await serving();
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    const { pid } = await dp.envoyStarted();
    expect(await isAlive(pid)).toBe(true);
    dp.kill('SIGKILL');
    await until('the end of Envoy', async () => !(await isAlive(pid)));
  });

  it('takes Envoy along without setpriv too', async () => {
    await using cp = await serving();
    const bin = await mkdtemp(join(folder, 'empty-path-'));
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify'], { env: { PATH: bin } });
    const { pid } = await dp.envoyStarted();
    dp.kill('SIGKILL');
    await until('the end of Envoy', async () => !(await isAlive(pid)));
  });

  it('forwards Envoy’s log with its levels', async () => {
    await using cp = await serving();
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify', '--envoy-log-level', 'debug']);
    await dp.logged(/"level":"debug".*"logger":"envoy".*"component":"\w+"/);
    await dp.logged(/"level":"info".*"logger":"envoy","component":"main","msg":"starting main dispatch loop"/);
  });

  it('ends at once at the second signal', async () => {
    await using cp = await startBootstrapServer({
      answer: (request) => ({ status: 200, bootstrap: staticBootstrap(request) }),
      drainStatus: 200,
      onDrain: () => process.kill(dp.pid, 'SIGTERM'),
    });
    await using dp = startKumaDp([...identity, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    const { pid } = await dp.envoyStarted();
    dp.kill('SIGTERM');
    expect(await dp.exited).toEqual({ code: 143, signal: null });
    await until('the end of Envoy', async () => !(await isAlive(pid)));
  });

  it('refuses the work directory of another that is running, and leaves that one alone', async () => {
    await using cp = await serving();
    const args = [...identity, ...envoy, '--cp-address', cp.url, '--skip-verify', '--work-dir', join(folder, 'shared')];
    await using first = startKumaDp(args);
    const { readinessPort } = await first.envoyStarted();
    const ready = async () => (await fetch(`http://127.0.0.1:${readinessPort}/ready`)).ok;
    await until('readiness', ready);
    await using second = startKumaDp(args);
    expect((await second.exited).code).toBe(1);
    expect(second.log()).toContain('belongs to another kuma-dp');
    expect(await ready()).toBe(true);
  });

  it('stops in peace while it waits for a control plane', async () => {
    const port = await freePort();
    await using dp = startKumaDp([
      ...identity,
      ...envoy,
      '--cp-address',
      `https://127.0.0.1:${port}`,
      '--work-dir',
      join(folder, 'work'),
    ]);
    await dp.logged(/Waiting for the control plane/);
    dp.kill('SIGTERM');
    expect(await dp.exited).toEqual({ code: 0, signal: null });
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('needs less than 40 MB of its own beside Envoy', async () => {
    await using cp = await serving();
    const path = await file(
      'dp.yaml',
      'type: Dataplane\nname: web\nnetworking: {address: 127.0.0.1, inbound: [{port: 8080, tags: {kuma.io/service: web}}]}\n',
    );
    await using dp = startKumaDp(['-d', path, ...envoy, '--cp-address', cp.url, '--skip-verify']);
    const { readinessPort } = await dp.envoyStarted();
    await until('readiness', async () => (await fetch(`http://127.0.0.1:${readinessPort}/ready`)).ok);
    // What its start took for a moment is not counted, nor what the system keeps of the file of Node: between 50 and 75 MB.
    await until('less than 40 MB', async () => {
      const kilobytes = Number(/RssAnon:\s+(\d+) kB/.exec(await readFile(`/proc/${dp.pid}/status`, 'utf8'))![1]);
      return kilobytes < 40 * 1024;
    });
  });
});
