import { describe, expect, test } from 'vitest';
import { defaultSettings, type LoadedSettings, loadSettings } from './load-settings.ts';

function load(text: string, env: Record<string, string> = {}): LoadedSettings {
  return loadSettings({ file: { path: '/etc/kuma-cp.yaml', text }, env });
}

function settings(loaded: LoadedSettings) {
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.settings;
}

function problems(loaded: LoadedSettings): readonly string[] {
  return loaded.ok ? [] : loaded.problems.map(({ key, source, reason }) => `${key} (${source}): ${reason}`);
}

describe('settings', () => {
  test('without file and environment are the defaults, and no warning', () => {
    expect(loadSettings({ env: {} })).toEqual({ ok: true, settings: defaultSettings(), warnings: [] });
    expect(defaultSettings()['store.type']).toBe('embedded');
    expect(defaultSettings()['xdsServer.dataplaneDeregistrationDelay']).toBe(10_000);
  });

  test('come from the file', () => {
    const loaded = load(`
store:
  type: memory
apiServer: {http: {port: 1234, enabled: false}}
xdsServer:
  dataplaneDeregistrationDelay: 1m30s
access:
  static:
    writeResources:
      groups: [mesh-system:unauthenticated]
`);
    expect(settings(loaded)).toEqual({
      ...defaultSettings(),
      'store.type': 'memory',
      'apiServer.http.port': 1234,
      'apiServer.http.enabled': false,
      'xdsServer.dataplaneDeregistrationDelay': 90_000,
      'access.static.writeResources.groups': ['mesh-system:unauthenticated'],
    });
    expect(loaded.warnings).toEqual([]);
  });

  test('of the environment win over the file', () => {
    const loaded = load('apiServer: {http: {port: 1}, https: {port: 2}}', {
      KUMA_API_SERVER_HTTP_PORT: '11',
      KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN: 'false',
      KUMA_ACCESS_STATIC_ADMIN_RESOURCES_USERS: '',
      KUMA_ACCESS_STATIC_ADMIN_RESOURCES_GROUPS: 'one, two',
      KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY: '250ms',
    });
    expect(settings(loaded)).toMatchObject({
      'apiServer.http.port': 11,
      'apiServer.https.port': 2,
      'apiServer.authn.localhostIsAdmin': false,
      'access.static.adminResources.users': [],
      'access.static.adminResources.groups': ['one', 'two'],
      'xdsServer.dataplaneDeregistrationDelay': 250,
    });
  });

  test('of the environment win even where the file is wrong', () => {
    expect(settings(load('dpServer: {port: nonsense}', { KUMA_DP_SERVER_PORT: '7' }))['dpServer.port']).toBe(7);
  });

  test('leave the default where a key or a section has no value', () => {
    expect(settings(load('general:\n  tlsCertFile:\n  workDir: # here\nstore:\n'))).toEqual(defaultSettings());
    expect(settings(load('# nothing\n'))).toEqual(defaultSettings());
  });

  test('are frozen', () => {
    expect(Object.isFrozen(settings(load('')))).toBe(true);
    expect(Object.isFrozen(settings(load(''))['access.static.adminResources.users'])).toBe(true);
  });
});

describe('what is wrong', () => {
  test('is said all at once, with key, place, value and expectation', () => {
    expect(
      problems(
        load(
          `apiServer:
  http:
    port: 70000
  https:
    enabled: maybe
xdsServer:
  dataplaneDeregistrationDelay: 10
access:
  static:
    adminResources:
      users: admin: 1
`.replace('admin: 1', '{a: 1}'),
          { KUMA_DIAGNOSTICS_SERVER_PORT: 'http', KUMA_STORE_TYPE: 'sqlite' },
        ),
      ),
    ).toEqual([
      'store.type (KUMA_STORE_TYPE): "sqlite" is not valid; expected one of "embedded", "memory", "postgres" ("kubernetes" not built yet)',
      'apiServer.http.port (kuma-cp.yaml:3): 70000 is not valid; expected a port, a whole number from 0 to 65535',
      'apiServer.https.enabled (kuma-cp.yaml:5): "maybe" is not valid; expected true or false',
      'xdsServer.dataplaneDeregistrationDelay (kuma-cp.yaml:7): 10 is not valid; expected a duration such as 500ms, 10s or 1h30m',
      'access.static.adminResources.users (kuma-cp.yaml:11): {"a":1} is not valid; expected a list of strings (comma-separated in an environment variable)',
      'diagnostics.serverPort (KUMA_DIAGNOSTICS_SERVER_PORT): "http" is not valid; expected a port, a whole number from 0 to 65535',
    ]);
  });

  test('an unknown key is named with its path and the nearest known one', () => {
    expect(problems(load('apiServer:\n  http:\n    prot: 1\napiserver: {}\nworkDir: /tmp\nelsewhere: 1\n'))).toEqual([
      'apiServer.http.prot (kuma-cp.yaml:3): unknown key; did you mean "apiServer.http.port"?',
      'apiserver (kuma-cp.yaml:4): unknown key; did you mean "apiServer"?',
      'workDir (kuma-cp.yaml:5): unknown key; did you mean "general.workDir"?',
      expect.stringMatching(/^elsewhere \(kuma-cp.yaml:6\): unknown key; known here: environment, mode, general, /),
    ]);
  });

  test('a value where keys are expected', () => {
    expect(problems(load('apiServer: 5681'))).toEqual([
      expect.stringMatching(/^apiServer \(kuma-cp.yaml:1\): expected keys below it, such as http, https, /),
    ]);
  });

  test('a file that is no YAML, or no configuration', () => {
    expect(problems(load('a: [1'))).toEqual([expect.stringMatching(/^ \(kuma-cp.yaml\): is not valid YAML: .*line 1/)]);
    expect(problems(load('- a\n- b'))).toEqual([' (kuma-cp.yaml): is not a configuration: expected keys and values']);
    expect(problems(load('store: {type: memory}\nstore: {type: memory}'))).toHaveLength(1);
  });

  test('never shows a secret', () => {
    const loaded = load('store: {postgres: {password: {hunter2: 1}}}');
    expect(problems(loaded)).toEqual([
      'store.postgres.password (kuma-cp.yaml:1): its value (not shown) is not valid; expected a string',
    ]);
  });

  test('a certificate without its key, and two servers on one port', () => {
    expect(problems(load('general: {tlsCertFile: /a}\ndpServer: {tlsKeyFile: /b, port: 5681}'))).toEqual([
      'general.tlsKeyFile (settings): is empty although general.tlsCertFile is set; expected both or neither',
      'dpServer.tlsCertFile (settings): is empty although dpServer.tlsKeyFile is set; expected both or neither',
      'apiServer.http.port (settings): 5681 is also dpServer.port; expected a port of its own',
    ]);
    expect(problems(load('dpServer: {port: 5681}\napiServer: {http: {enabled: false}}'))).toEqual([]);
    expect(problems(load('dpServer: {port: 0}\ndiagnostics: {serverPort: 0}'))).toEqual([]);
  });

  test('the name of a zone that could be no label', () => {
    expect(problems(load('multizone: {zone: {name: East_1}}'))).toEqual([
      expect.stringContaining('multizone.zone.name (settings): "East_1" is not valid'),
    ]);
  });
});

describe('a warning', () => {
  test('is given for what is known and not built yet, unless it has its default', () => {
    const loaded = load(
      'store:\n  cache: {enabled: false, expirationTime: 1s}\nruntime: {kubernetes: {injector: {sidecarContainer: {envVars: {A: b}}}}}',
      {
        KUMA_DNS_SERVER_DOMAIN: 'other',
      },
    );
    expect(settings(loaded)).toBeDefined();
    expect(loaded.warnings).toEqual([
      'store.cache.enabled (kuma-cp.yaml:2) is not built yet and has no effect',
      'dnsServer.domain (KUMA_DNS_SERVER_DOMAIN) is not built yet and has no effect',
      'runtime.kubernetes.injector.sidecarContainer.envVars (kuma-cp.yaml:3) is not built yet and has no effect',
    ]);
  });

  test('is given for a KUMA_ variable that is no setting, save those of kuma-dp', () => {
    const { warnings } = load('', {
      KUMA_STORE_TIPE: 'memory',
      KUMA_WHATEVER_THIS_IS: '1',
      KUMA_DATAPLANE_NAME: 'web',
      PATH: '/bin',
    });
    expect(warnings).toEqual([
      'environment variable KUMA_STORE_TIPE is no setting of kuma-cp and has no effect; did you mean KUMA_STORE_TYPE?',
      expect.stringContaining('environment variable KUMA_WHATEVER_THIS_IS is no setting of kuma-cp'),
    ]);
  });
});
