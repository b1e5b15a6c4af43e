import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { defaultSettings, loadSettings } from './load-settings.ts';
import { renderConfig } from './render-config.ts';
import type { Setting } from './setting.ts';
import { settingsTable } from './table/index.ts';

const table: readonly Setting[] = settingsTable;

test('keys and environment variables stand once', () => {
  const keys = table.map((setting) => setting.key);
  const variables = table.flatMap((setting) => setting.env);
  expect(keys).toEqual([...new Set(keys)]);
  expect(variables).toEqual([...new Set(variables)]);
  for (const variable of variables) expect(variable).toMatch(/^KUMA_[A-Z0-9_]+$/);
});

test('no key is also a section', () => {
  for (const { key } of table) expect(table.filter((other) => other.key.startsWith(`${key}.`))).toEqual([]);
});

test('each default is a value that could be written', () => {
  for (const setting of table)
    expect([setting.key, setting.type.read(setting.type.show(setting.default))]).toEqual([setting.key, setting.default]);
});

test('the rendered configuration is a configuration file of the same settings', () => {
  const loaded = loadSettings({
    env: { KUMA_STORE_TYPE: 'memory', KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY: '1m30s', KUMA_API_SERVER_HTTP_PORT: '1' },
  });
  if (!loaded.ok) throw new Error('not loaded');
  const { store, ...rest } = renderConfig(loaded.settings);
  const { password, ...postgres } = (store as Record<string, Record<string, unknown>>).postgres!;
  const text = stringify({ ...rest, store: { ...(store as object), postgres } });
  expect(password).toBe('*****');
  expect(loadSettings({ file: { path: 'rendered.yaml', text }, env: {} })).toEqual({
    ok: true,
    settings: loaded.settings,
    warnings: [],
  });
});

test('the rendered configuration has the shape of the file, durations as people write them', () => {
  expect(renderConfig(defaultSettings())).toMatchObject({
    environment: 'universal',
    store: { type: 'embedded', embedded: { dir: '' } },
    xdsServer: { dataplaneDeregistrationDelay: '10s' },
    access: { static: { writeResources: { users: ['mesh-system:admin'] } } },
  });
});

test('each setting that claims to be built is read outside this folder', () => {
  const sources = sourcesOutside();
  // Read through a key that is put together, or decided on by being the only choice.
  const otherwise = [
    /^(environment|mode|access\.type)$/,
    /^access\.static\./,
    /\.tls(CertFile|KeyFile|MinVersion|MaxVersion)$/,
    /^(apiServer\.https?|dpServer|monitoringAssignmentServer)\.(enabled|interface|port)$/,
  ];
  const unread = table.filter(
    ({ key, built }) => built && !otherwise.some((pattern) => pattern.test(key)) && !sources.includes(`'${key}'`),
  );
  expect(unread.map((setting) => setting.key)).toEqual([]);
});

function sourcesOutside(): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('settings'))
    .map((path) => readFileSync(`${root}/${path}`, 'utf8'))
    .join('\n');
}
