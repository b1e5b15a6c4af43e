import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ControlPlane } from '../tools/fixtures/control-plane.ts';
import { ManagedProcess } from '../tools/fixtures/managed-process.ts';
import { freePorts } from '../tools/fixtures/ports.ts';

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await ControlPlane.start();
});

afterAll(() => controlPlane?.process.stop());

const timeout = (name: string, requestTimeout: string) =>
  `type: MeshTimeout\nmesh: default\nname: ${name}\nspec:\n  to:\n  - targetRef: {kind: Mesh}\n    default: {http: {requestTimeout: ${requestTimeout}}}\n`;

test('a fresh control plane has its mesh with the policies of a new mesh', async () => {
  expect(await controlPlane.kumactl(['get', 'meshes'])).toMatch(
    /^NAME +mTLS +LOCALITY +ZONEEGRESS +AGE\ndefault +off +off +off +\d+s\n$/,
  );
  for (const [kind, name] of [
    ['meshtimeouts', 'mesh-timeout-all-default'],
    ['meshtimeouts', 'mesh-gateways-timeout-all-default'],
    ['meshretries', 'mesh-retry-all-default'],
    ['mcb', 'mesh-circuit-breaker-all-default'],
  ] as const) {
    expect(await controlPlane.kumactl(['get', kind])).toContain(name);
  }
});

test('apply says what was created and what was updated', async () => {
  expect(await controlPlane.apply(timeout('slow', '9s'))).toBe(
    'resource type="MeshTimeout" mesh="default" name="slow" Created\n',
  );
  expect(await controlPlane.apply(timeout('slow', '8s'))).toBe(
    'resource type="MeshTimeout" mesh="default" name="slow" Updated\n',
  );
  const shown = JSON.parse(await controlPlane.kumactl(['get', 'meshtimeout', 'slow', '-o', 'json'])) as {
    spec: { to: { default: unknown }[] };
    labels: unknown;
  };
  expect(shown.spec.to[0]!.default).toEqual({ http: { requestTimeout: '8s' } });
  expect(shown.labels).toMatchObject({ 'kuma.io/mesh': 'default', 'kuma.io/origin': 'zone', 'kuma.io/zone': 'default' });
});

test('all wrong fields of all documents are named, and nothing is written', async () => {
  const bad = `${timeout('fine', '1s')}---\n${timeout('bad-duration', 'soon')}---\ntype: MeshTimeout\nname: bad-field\nmesh: default\nspec:\n  to:\n  - targetRef: {kind: Meh}\n    default: {http: {requestTimeot: 1s}}\n`;
  const foreign = timeout('foreign', '1s').replace('mesh: default', 'mesh: default\nlabels: {kuma.io/zone: elsewhere}');
  const patch =
    'type: MeshProxyPatch\nname: p\nmesh: default\nspec: {default: {appendModifications: [{cluster: {operation: Add, value: "nonsense: 1"}}]}}\n';
  const failure = (await controlPlane.apply([bad, foreign, patch].join('---\n')).catch((error: Error) => error)) as Error;
  expect(failure.message).toContain('spec.to[0].default.http.requestTimeout');
  expect(failure.message).toContain('spec.to[0].targetRef.kind');
  expect(failure.message).toMatch(/requestTimeot.*requestTimeout/);
  // What only the control plane knows is told with the rest: whose zone it is, and what Envoy has.
  expect(failure.message).toMatch(/document 4\): labels\["kuma\.io\/zone"\]: must be "default"/);
  expect(failure.message).toMatch(
    /document 5\): spec\.default\.appendModifications\[0\]\.cluster\.value: nonsense: unknown field/,
  );
  expect(failure.message.match(/soon/g)).toHaveLength(1);
  expect(await controlPlane.kumactl(['get', 'meshtimeouts'])).not.toContain('fine');
});

test('a dry run is checked by the control plane and writes nothing', async () => {
  const yaml = timeout('dry', '1s');
  expect(await controlPlane.kumactl(['apply', '-f', '<input>', '--dry-run'], yaml)).toContain('name: dry');
  expect(await controlPlane.kumactl(['get', 'meshtimeouts'])).not.toContain('dry');
  await expect(
    controlPlane.kumactl(['apply', '-f', '<input>', '--dry-run'], yaml.replace('mesh: default', 'mesh: nowhere')),
  ).rejects.toThrow(/[Mm]esh/);
});

test('a dry run warns as an apply does, and says of which document', async () => {
  const nobody = `type: MeshTimeout\nmesh: default\nname: nobody\nspec: {targetRef: {kind: Dataplane, labels: {app: nobody}}, rules: [{default: {idleTimeout: 9s}}]}\n`;
  const warning = `field 'spec.targetRef' selects no data plane proxy of mesh "default" now: the policy has no effect`;
  const shown = await controlPlane.kumactl(['apply', '-f', '<input>', '--dry-run'], `${timeout('dry', '1s')}---\n${nobody}`);
  expect(shown).toMatch(/^Warning: .*\(document 2\): field/m);
  expect(shown).toContain(warning);
  expect(await controlPlane.apply(nobody)).toContain(`Warning: ${warning}`);
  await controlPlane.kumactl(['delete', 'meshtimeout', 'nobody']);
});

test('a document in the form of Kubernetes is told what to write in its place', async () => {
  const yaml = 'apiVersion: kuma.io/v1alpha1\nkind: MeshTimeout\nmetadata: {name: a}\nspec: {}';
  await expect(controlPlane.kumactl(['apply', '-f', '<input>'], yaml)).rejects.toThrow(
    'this is the Kubernetes form, write type: MeshTimeout, mesh, name and labels in place of apiVersion, kind and metadata',
  );
});

test("Envoy's configuration is shown as JSON that jq can read, its difference in the shadow too, and rules as YAML", async () => {
  const inbound = [{ port: 80, servicePort: 8080, tags: { 'kuma.io/service': 'web', 'kuma.io/protocol': 'http' } }];
  const dataplane = { type: 'Dataplane', mesh: 'default', name: 'shown', networking: { address: '192.168.0.1', inbound } };
  const shadow = { 'kuma.io/effect': 'shadow' };
  const spec = { rules: [{ default: { http: { requestTimeout: '7s' } } }] };
  await controlPlane.apply(JSON.stringify(dataplane));
  await controlPlane.apply(JSON.stringify({ type: 'MeshTimeout', mesh: 'default', name: 'a-shadow', labels: shadow, spec }));
  const inspect = (...flags: string[]) => controlPlane.kumactl(['inspect', 'dataplane', 'shown', ...flags]);
  const shown = JSON.parse(await inspect('--type=config', '--shadow', '--include=diff')) as { xds: object; diff: object[] };
  expect(Object.keys(shown.xds)).toContain('type.googleapis.com/envoy.config.listener.v3.Listener');
  expect(JSON.stringify(shown.diff)).toContain('"7s"');
  expect(await inspect('--type=config', '-o', 'yaml')).toMatch(/^xds:/);
  expect(parseAllDocuments(await inspect())[0]?.toJS()).toMatchObject({ resource: { name: 'shown' } });
  expect(await inspect()).toMatch(/^\w+:/);
});

test.each([
  ['--shadow', 'config'],
  ['--include=diff', 'config'],
  ['--include-eds', 'config-dump'],
])('%s, which --type=%s alone understands, is refused elsewhere', async (flag, type) => {
  const refused = `${flag.split('=')[0]} is for --type=${type}, not --type=rules`;
  await expect(controlPlane.kumactl(['inspect', 'dataplane', 'shown', flag])).rejects.toThrow(refused);
});

test.each(['get', 'delete', 'inspect'])('%s of a kind that was replaced names the other', async (command) => {
  const asked = controlPlane.kumactl([command, 'traffic-permission', 'x']);
  await expect(asked).rejects.toThrow('TrafficPermission is not supported; use MeshTrafficPermission');
});

test('without a kind, and when asked for help, get and inspect say how they are used', async () => {
  const usage = /USAGE\n +\$ kumactl (get|inspect) /;
  for (const args of [['get'], ['inspect'], ['help', 'get']]) expect(await controlPlane.kumactl(args)).toMatch(usage);
});

test('a resource of a mesh that is not there is told the name of the mesh', async () => {
  const elsewhere = timeout('lost', '1s').replace('mesh: default', 'mesh: elsewhere');
  await expect(controlPlane.apply(elsewhere)).rejects.toThrow(/Failed to retrieve Mesh .*"elsewhere"/);
});

test('variables are filled in', async () => {
  await controlPlane.kumactl(
    ['apply', '-f', '<input>', '--var', 'name=from-var', '-v', 'timeout=3s'],
    timeout('"{{ name }}"', '"{{timeout}}"'),
  );
  expect(await controlPlane.kumactl(['get', 'meshtimeout', 'from-var', '-o', 'yaml'])).toContain('requestTimeout: 3s');
});

test('lists are paged', async () => {
  const page = JSON.parse(await controlPlane.kumactl(['get', 'meshtimeouts', '--size', '1', '-o', 'json'])) as {
    total: number;
    items: unknown[];
    next: string;
  };
  expect(page.items).toHaveLength(1);
  expect(page.total).toBeGreaterThan(1);
  expect(new URL(page.next).searchParams.get('offset')).toBe('1');
});

test('delete says what it deleted, and an absent resource is an error', async () => {
  expect(await controlPlane.kumactl(['delete', 'meshtimeout', 'slow'])).toBe('deleted MeshTimeout "slow"\n');
  await expect(controlPlane.kumactl(['delete', 'meshtimeout', 'slow'])).rejects.toThrow(
    /Not found: MeshTimeout "slow" in mesh "default" does not exist/,
  );
});

test('a mesh and what lives in it are applied in one call, whatever their order', async () => {
  const yaml = `${timeout('inside', '1s').replace('mesh: default', 'mesh: fresh')}---\ntype: Mesh\nname: fresh\n`;
  expect(await controlPlane.apply(yaml)).toContain('mesh="fresh" name="inside" Created');
});

test('nothing of a new mesh is applied when the control plane refuses something that is to be in it', async () => {
  const patch =
    'type: MeshProxyPatch\nname: p\nmesh: half\nspec: {default: {appendModifications: [{cluster: {operation: Add, value: "nonsense: 1"}}]}}\n';
  const foreign = timeout('foreign', '1s').replace('mesh: default', 'mesh: half\nlabels: {kuma.io/zone: elsewhere}');
  const applied = controlPlane.apply(['type: Mesh\nname: half\n', patch, foreign].join('---\n'));
  await expect(applied).rejects.toThrow(
    /nothing was applied\n.*document 2\): spec\.default\.appendM.*nonsense.*\n.*document 3\): labels/,
  );
  expect(await controlPlane.kumactl(['get', 'meshes'])).not.toContain('half');
});

test('a mesh is applied in one call with the secrets that its authority is read from', async () => {
  // A CA that is at hand: the control plane's own.
  const secret = (name: string, file: string) =>
    `type: Secret\nmesh: own-ca\nname: ${name}\ndata: ${readFileSync(join(controlPlane.workDir, file), 'base64')}\n`;
  const mesh = (cert: string) =>
    `type: Mesh\nname: own-ca\nmtls: {enabledBackend: own, backends: [{name: own, type: provided, conf: {cert: {secret: ${cert}}, key: {secret: root-key}}}]}\n`;
  const yaml = (cert: string) =>
    [mesh(cert), secret('root-cert', 'kuma-cp.crt'), secret('root-key', 'kuma-cp.key')].join('---\n');
  await expect(controlPlane.apply(yaml('root-key'))).rejects.toThrow(/nothing was applied.*conf\.cert/s);
  expect(await controlPlane.kumactl(['get', 'meshes'])).not.toContain('own-ca');
  expect((await controlPlane.apply(yaml('root-cert'))).trimEnd().split('\n')).toEqual([
    'resource type="Mesh" name="own-ca" Created',
    'resource type="Secret" mesh="own-ca" name="root-cert" Created',
    'resource type="Secret" mesh="own-ca" name="root-key" Created',
    'resource type="Mesh" name="own-ca" Updated',
  ]);
  expect(await controlPlane.kumactl(['get', 'meshes'])).toMatch(/own-ca +provided\/own/);
});

test('export gives what apply takes', async () => {
  const exported = await controlPlane.kumactl(['export', '-p', 'all', '-a']);
  const resources = documentsOf<{ readonly type: string; readonly name: string }>(exported);
  expect(resources[0]!.type).toBe('Mesh');
  expect(resources.map(({ type }) => type)).toContain('Secret');
  expect(resources.at(-1)!.name).toBe('user-token-signing-key-1');
  const copy = await ControlPlane.start();
  await copy.kumactl(['apply', '-f', '<input>'], exported);
  expect(await copy.kumactl(['get', 'meshtimeouts', '--mesh', 'fresh'])).toContain('inside');
  await copy.process.stop();
});

test('an export is of what its profile says, with secrets where a federation needs them or they are asked for', async () => {
  const networking = { address: '192.168.0.2', inbound: [{ port: 80, tags: { 'kuma.io/service': 'exported' } }] };
  await controlPlane.apply(JSON.stringify({ type: 'Dataplane', mesh: 'default', name: 'exported', networking }));
  const exported = async (...args: readonly string[]) => {
    const documents = documentsOf<{ readonly type: string }>(await controlPlane.kumactl(['export', ...args]));
    const types = new Set(documents.map(({ type }) => type));
    return ['Mesh', 'MeshTimeout', 'GlobalSecret', 'Dataplane'].filter((type) => types.has(type));
  };
  expect(await exported()).toEqual(['Mesh', 'GlobalSecret']);
  expect(await exported('--profile=federation-with-policies')).toEqual(['Mesh', 'MeshTimeout', 'GlobalSecret']);
  expect(await exported('--profile=no-dataplanes')).toEqual(['Mesh', 'MeshTimeout']);
  expect(await exported('--profile=all')).toEqual(['Mesh', 'MeshTimeout', 'Dataplane']);
  expect(await exported('--profile=all', '--include-admin')).toEqual(['Mesh', 'MeshTimeout', 'GlobalSecret', 'Dataplane']);
});

test('an export for Kubernetes has objects that kubectl takes', async () => {
  const exported = await controlPlane.kumactl(['export', '--profile=all', '--include-admin', '--format=kubernetes']);
  const objects = documentsOf<{ apiVersion: string; kind: string; metadata: object; spec?: object }>(exported);
  expect(objects[0]).toMatchObject({ kind: 'Mesh', spec: { skipCreatingInitialPolicies: ['*'] } });
  const versions = new Set(objects.map(({ apiVersion, kind }) => (kind === 'Secret' ? `Secret ${apiVersion}` : apiVersion)));
  expect(versions).toEqual(new Set(['kuma.io/v1alpha1', 'Secret v1']));
  expect(exported).not.toContain('creationTimestamp');
});

function documentsOf<T>(yaml: string): readonly T[] {
  return parseAllDocuments(yaml).map((document) => document.toJS() as T);
}

test('tokens come without a line break and carry what was asked for', async () => {
  const token = await controlPlane.kumactl([
    'generate',
    'dataplane-token',
    '--name',
    'a',
    '--tag',
    'kuma.io/service=web,api',
    '--valid-for',
    '1h',
  ]);
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
  expect(claims).toMatchObject({ Name: 'a', Mesh: 'default', Tags: { 'kuma.io/service': ['api', 'web'] } });
  expect(token).not.toContain('\n');
});

test('lists of flags stand between commas, or the flag several times', async () => {
  const claims = async (...args: readonly string[]) => {
    const token = await controlPlane.kumactl(['generate', ...args, '--valid-for', '1h']);
    return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
  };
  expect(await claims('zone-token', '--zone', 'z', '--scope', 'ingress,cp')).toMatchObject({ Scope: ['ingress', 'cp'] });
  expect(await claims('user-token', '--name', 'a', '--group', 'x,y', '--group', 'z')).toMatchObject({ Groups: ['x', 'y', 'z'] });
  const tags = await claims('dataplane-token', '--tag', 'kuma.io/service=web,team=shop');
  expect(tags).toMatchObject({ Tags: { 'kuma.io/service': ['web'], team: ['shop'] } });
  await controlPlane.apply(timeout('every', '1s'));
  const shown = await controlPlane.kumactl(['inspect', 'dataplanes', '--tag', 'kuma.io/service=nobody,team=shop', '-o', 'json']);
  expect(JSON.parse(shown)).toEqual({ total: 0, items: [], next: null });
});

test.each([
  [['get', 'meshtimeouts', ''], 'NAME is empty'],
  [['delete', 'meshtimeout', ''], 'NAME is empty'],
  [['generate', 'dataplane-token', '--name', '', '--valid-for', '1h'], '--name is empty'],
  [['get', 'meshtimeouts', '--mesh='], '--mesh is empty'],
] as const)('%j means neither all nor any', async (args, said) => {
  await expect(controlPlane.kumactl(args)).rejects.toThrow(said);
});

const plain = async (...args: readonly string[]) => {
  const run = new ManagedProcess({ name: 'kumactl', command: ['kumactl', ...args], env: { HOME: controlPlane.workDir } });
  return { code: (await run.exited).code, output: run.output };
};

test('a key and its certificate are written both or not at all, and the key for its owner only', async () => {
  const key = join(controlPlane.workDir, 'own.key');
  const generate = (certificate: string) =>
    plain('generate', 'tls-certificate', '--type=client', `--key-file=${key}`, `--cert-file=${certificate}`);
  writeFileSync(key, 'the key before', { mode: 0o644 });
  const failed = await generate(join(controlPlane.workDir, 'no', 'own.crt'));
  expect(failed).toEqual({ code: 1, output: expect.stringMatching(/^Error: nothing was written: .*own\.crt/) });
  expect(readFileSync(key, 'utf8')).toBe('the key before');
  expect((await generate(join(controlPlane.workDir, 'own.crt'))).code).toBe(0);
  expect(readFileSync(key, 'utf8')).toContain('PRIVATE KEY');
  expect(statSync(key).mode & 0o777).toBe(0o600);
});

describe('errors', () => {
  test('a key that cannot sign tokens is named', async () => {
    const file = join(controlPlane.workDir, 'kuma-cp.crt');
    const sign = (...args: readonly string[]) => plain('generate', 'user-token', '--name=a', '--valid-for=1h', ...args);
    expect((await sign('--signing-key-path', file, '--kid=1')).output).toContain(`${file} is no signing key`);
    expect((await sign('--kid=1')).output).toContain('--kid needs --signing-key-path');
  });

  test('a configuration that is not there does not mean the local control plane', async () => {
    const file = join(controlPlane.workDir, 'misspelt');
    const { code, output } = await plain('get', 'meshes', '--config-file', file);
    expect(code).toBe(1);
    expect(output).toContain(`there is no configuration file ${file}`);
  });

  test('flags that need another one say so', async () => {
    const add = ['config', 'control-planes', 'add', '--name', 'x', '--address', controlPlane.apiUrl];
    const { output } = await plain(...add, '--auth-type=tokens', '--client-cert-file', controlPlane.caFile);
    expect(output).toContain('--client-cert-file needs --client-key-file; --auth-type=tokens needs --auth-conf token=...');
    expect((await plain(...add, '--auth-conf', 'token=a')).output).toContain('--auth-conf needs --auth-type=tokens');
  });

  test('an unreachable control plane is named with its address', async () => {
    const [port] = await freePorts(1);
    const { code, output } = await plain(
      'config',
      'control-planes',
      'add',
      '--name',
      'x',
      '--address',
      `http://127.0.0.1:${port}`,
    );
    expect(output).toContain(`cannot reach the control plane at http://127.0.0.1:${port}`);
    expect(code).toBe(1);
  });

  test('where the control plane cannot be asked for its kinds, all that is wrong is told still', async () => {
    const [port] = await freePorts(1);
    const config = join(controlPlane.workDir, 'unreachable.yaml');
    const controlPlanes = [{ name: 'x', coordinates: { apiServer: { url: `http://127.0.0.1:${port}` } } }];
    const contexts = [{ name: 'x', controlPlane: 'x' }];
    writeFileSync(config, JSON.stringify({ controlPlanes, contexts, currentContext: 'x' }), { mode: 0o600 });
    const input = join(controlPlane.workDir, 'unknown-kind.yaml');
    writeFileSync(input, `type: MeshTimeot\nname: a\n---\n${timeout('b', 'soon')}`);
    const { code, output } = await plain('apply', '-f', input, '--config-file', config);
    expect(code).toBe(1);
    expect(output).toMatch(/type: there is no kind "MeshTimeot"; did you mean MeshTimeout\?.*cannot reach the control plane/);
    expect(output).toContain('requestTimeout: must be a duration');
  });

  test('adding an address that is no control plane changes nothing', async () => {
    const { code, output } = await plain(
      'config',
      'control-planes',
      'add',
      '--name',
      'x',
      '--address',
      `http://127.0.0.1:${controlPlane.ports.diagnostics}`,
    );
    expect(code).toBe(1);
    expect(output).toMatch(/^Error: /m);
    expect((await plain('config', 'view')).output).toContain('currentContext: local');
  });

  test('over TLS the certificate is checked, and with its CA it works', async () => {
    const address = `https://localhost:${controlPlane.ports.https}`;
    const refused = await plain('config', 'control-planes', 'add', '--name', 'tls', '--address', address);
    expect(refused.output).toMatch(/not trusted[\s\S]*--ca-cert-file/);
    const added = await plain(
      'config',
      'control-planes',
      'add',
      '--name',
      'tls',
      '--address',
      address,
      '--ca-cert-file',
      // The folder it was named in matters no more.
      relative(process.cwd(), controlPlane.caFile),
    );
    expect((await plain('config', 'view')).output).toContain(`caCertFile: ${controlPlane.caFile}`);
    expect(added.code).toBe(0);
    expect((await plain('get', 'meshes')).output).toContain('default');
  });

  test('adding a control plane makes it the current one, in a file of its owner only', async () => {
    expect(
      (
        await plain(
          'config',
          'control-planes',
          'add',
          '--name',
          'here',
          '--address',
          controlPlane.apiUrl,
          '--auth-type=tokens',
          '--auth-conf',
          'token=s3cret',
        )
      ).code,
    ).toBe(0);
    const file = join(controlPlane.workDir, '.kumactl', 'config');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('currentContext: here');
    const { output } = await plain('config', 'view');
    expect(output).not.toContain('s3cret');
  });
});
