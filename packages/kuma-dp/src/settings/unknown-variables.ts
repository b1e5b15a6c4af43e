import { nearest } from '@kuma-mesh/core-model/resources/nearest.ts';
import type { FlagTable } from '../cli/flag.ts';

// Prefixes that are ours alone; other KUMA_ variables may be meant for programs beside this one.
const prefixes = ['KUMA_DATAPLANE_', 'KUMA_CONTROL_PLANE_', 'KUMA_READINESS_'];

/** A warning for each variable that looks like a setting of kuma-dp and is none. */
export function unknownVariables(table: FlagTable, env: NodeJS.ProcessEnv): string[] {
  const known = Object.values(table).flatMap((flag) => flag.env);
  return Object.keys(env)
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)) && !known.includes(name))
    .map((name) => {
      const guess = nearest(name, known);
      return `The variable ${name} is unknown and has no effect${guess ? `; did you mean ${guess}?` : ''}`;
    });
}
