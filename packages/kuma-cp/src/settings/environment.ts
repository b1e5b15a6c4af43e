import { nearest } from '@kuma-mesh/core-model/resources/nearest.ts';
import type { Setting } from './setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of kuma-dp, which people export beside those of kuma-cp. */
const otherPrograms = ['KUMA_DATAPLANE_', 'KUMA_CONTROL_PLANE_', 'KUMA_READINESS_', 'KUMA_APPLICATION_PROBE_PROXY_'];

/** The variable that sets `setting`, if one does. */
export function fromEnvironment(
  setting: Setting,
  env: Environment,
): { readonly name: string; readonly value: string } | undefined {
  for (const name of setting.env) {
    const value = env[name];
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

/** A warning for each `KUMA_` variable that is no setting: it may be a misspelt one. */
export function unknownVariables(table: readonly Setting[], env: Environment): readonly string[] {
  const known = new Set(table.flatMap((setting) => setting.env));
  return Object.keys(env)
    .filter((name) => name.startsWith('KUMA_') && !known.has(name) && !otherPrograms.some((prefix) => name.startsWith(prefix)))
    .sort()
    .map((name) => {
      const guess = nearest(name, known);
      return `environment variable ${name} is no setting of kuma-cp and has no effect${guess ? `; did you mean ${guess}?` : ''}`;
    });
}
