import { deepFreeze } from '@kuma-mesh/core-model/resources/freeze.ts';

/** A frozen copy with what JSON keeps: no undefined fields, nothing that the giver of `value` can still change. */
export function frozenJson<T>(value: T): T {
  return value === undefined ? value : deepFreeze(JSON.parse(JSON.stringify(value)) as T);
}
