import type { SettingProblem } from './setting-problem.ts';
import type { Settings } from './table/index.ts';

const servers = ['general', 'apiServer.https', 'dpServer', 'diagnostics', 'monitoringAssignmentServer'] as const;

/** What is wrong with settings that are fine by themselves. */
export function checkTogether(settings: Settings): readonly SettingProblem[] {
  return [...keyPairs(settings), ...postgresKeyPair(settings), ...ports(settings), ...zoneName(settings)];
}

function keyPairs(settings: Settings): readonly SettingProblem[] {
  return servers.flatMap((server) => {
    const certificate = settings[`${server}.tlsCertFile`];
    const key = settings[`${server}.tlsKeyFile`];
    if ((certificate === '') === (key === '')) return [];
    const [given, absent] = key === '' ? (['tlsCertFile', 'tlsKeyFile'] as const) : (['tlsKeyFile', 'tlsCertFile'] as const);
    return [problem(`${server}.${absent}`, `is empty although ${server}.${given} is set; expected both or neither`)];
  });
}

function postgresKeyPair(settings: Settings): readonly SettingProblem[] {
  const certificate = settings['store.postgres.tls.certPath'];
  const key = settings['store.postgres.tls.keyPath'];
  if ((certificate === '') === (key === '')) return [];
  const [given, absent] = key === '' ? ['certPath', 'keyPath'] : ['keyPath', 'certPath'];
  const reason = `is empty although store.postgres.tls.${given} is set; expected both or neither`;
  return [problem(`store.postgres.tls.${absent}`, reason)];
}

function ports(settings: Settings): readonly SettingProblem[] {
  const used = new Map<number, string>();
  const listening = [
    ['dpServer.port', true],
    ['diagnostics.serverPort', true],
    ['monitoringAssignmentServer.port', true],
    ['interCp.server.port', settings['store.type'] === 'postgres'],
    ['apiServer.http.port', settings['apiServer.http.enabled']],
    ['apiServer.https.port', settings['apiServer.https.enabled']],
  ] as const;
  return listening.flatMap(([key, enabled]) => {
    const port = settings[key];
    if (!enabled || port === 0) return [];
    const other = used.get(port);
    if (other === undefined) used.set(port, key);
    return other === undefined ? [] : [problem(key, `${port} is also ${other}; expected a port of its own`)];
  });
}

function zoneName(settings: Settings): readonly SettingProblem[] {
  const name = settings['multizone.zone.name'];
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return [];
  return [
    problem(
      'multizone.zone.name',
      `${JSON.stringify(name)} is not valid; expected lower-case letters, digits and "-", at most 63`,
    ),
  ];
}

function problem(key: string, reason: string): SettingProblem {
  return { key, source: 'settings', reason };
}
