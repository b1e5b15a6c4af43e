import type { Setting } from './setting.ts';
import { type Settings, settingsTable } from './table/index.ts';

/** The settings in the shape of the configuration file, secrets masked; what `GET /config` answers. */
export function renderConfig(settings: Settings): Readonly<Record<string, unknown>> {
  const config: Record<string, unknown> = {};
  for (const setting of settingsTable as readonly Setting[]) {
    const value = settings[setting.key as keyof Settings];
    place(config, setting.key.split('.'), setting.type.secret && value !== '' ? '*****' : setting.type.show(value));
  }
  return config;
}

function place(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (rest.length === 0) {
    into[head!] = value;
    return;
  }
  into[head!] ??= {};
  place(into[head!] as Record<string, unknown>, rest, value);
}
