import type {
  MeshProxyPatch,
  MeshProxyPatch_JsonPatch,
  MeshProxyPatch_Modification,
} from '../../generated/types/kuma/mesh_proxy_patch.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';

type Part = keyof MeshProxyPatch_Modification;
type Mod = NonNullable<MeshProxyPatch_Modification[Part]>;

const parts: readonly Part[] = ['cluster', 'listener', 'networkFilter', 'httpFilter', 'virtualHost'];

/** What concerns Envoy's own messages is checked by who knows them, `xds-encode/patches`. */
export function validateMeshProxyPatch(spec: MeshProxyPatch): Problem[] {
  return (spec.default?.appendModifications ?? []).flatMap((modification, index) => {
    const at = `spec.default.appendModifications[${index}]`;
    const [part, ...more] = parts.filter((name) => modification[name] !== undefined);
    if (part === undefined || more.length > 0) {
      const got = part === undefined ? 'none' : [part, ...more].join(', ');
      return [{ field: at, reason: `exactly one of ${parts.join(', ')} must be set; got ${got}` }];
    }
    return modProblems(`${at}.${part}`, part, modification[part] as Mod);
  });
}

function modProblems(at: string, part: Part, mod: Mod): Problem[] {
  switch (mod.operation) {
    case undefined:
      return [];
    case 'Remove':
      return absent(at, mod, ['value', 'jsonPatches'], 'Remove');
    case 'Patch':
      return [...(isFilter(part) ? nameProblems(at, mod) : []), ...changeProblems(at, mod)];
    case 'Add':
      return [...matchOfNew(at, part, mod), ...newProblems(at, mod)];
    case 'AddFirst':
    case 'AddLast':
      return newProblems(at, mod);
    case 'AddBefore':
    case 'AddAfter':
      return [...nameProblems(at, mod), ...newProblems(at, mod)];
  }
}

function isFilter(part: Part): boolean {
  return part === 'networkFilter' || part === 'httpFilter';
}

/** A virtual host is added to the route configurations that match; clusters and listeners are in nothing. */
function matchOfNew(at: string, part: Part, mod: Mod): Problem[] {
  if (part !== 'virtualHost') return absent(at, mod, ['match'], 'Add');
  return mod.match?.name === undefined ? [] : [mustBeAbsent(`${at}.match.name`, ': what is added is new')];
}

function nameProblems(at: string, mod: Mod): Problem[] {
  if (mod.match?.name) return [];
  return [{ field: `${at}.match.name`, reason: `must be set: ${mod.operation} is about one filter` }];
}

function newProblems(at: string, mod: Mod): Problem[] {
  const missing = mod.value === undefined ? [{ field: `${at}.value`, reason: `must be set: ${mod.operation} adds it` }] : [];
  return [...missing, ...absent(at, mod, ['jsonPatches'], mod.operation!)];
}

function changeProblems(at: string, { value, jsonPatches }: Mod): Problem[] {
  if ((value === undefined) === (jsonPatches === undefined || jsonPatches.length === 0))
    return [{ field: at, reason: `exactly one of value, jsonPatches must be set; got ${value === undefined ? 'none' : 'both'}` }];
  return (jsonPatches ?? []).flatMap((step, index) => stepProblems(`${at}.jsonPatches[${index}]`, step));
}

function stepProblems(at: string, { op, path, from, value }: MeshProxyPatch_JsonPatch): Problem[] {
  if (op === undefined) return [...pointerProblems(`${at}.path`, path), ...pointerProblems(`${at}.from`, from)];
  const moves = op === 'move' || op === 'copy';
  const states = op === 'add' || op === 'replace';
  return [
    ...pointerProblems(`${at}.path`, path),
    ...(op === 'remove' && path === '' ? [{ field: `${at}.path`, reason: 'must not be the whole' }] : []),
    ...(moves ? pointerProblems(`${at}.from`, from) : []),
    ...(moves && from === undefined ? [{ field: `${at}.from`, reason: `must be set: ${op} takes the value from there` }] : []),
    ...(!moves && from !== undefined ? [mustBeAbsent(`${at}.from`, ': only move and copy have it')] : []),
    ...(states && value === undefined ? [{ field: `${at}.value`, reason: `must be set: ${op} puts it there` }] : []),
    ...(!states && value !== undefined ? [mustBeAbsent(`${at}.value`, ': only add and replace have it')] : []),
  ];
}

/** RFC 6901. */
function pointerProblems(field: string, pointer: string | undefined): Problem[] {
  if (pointer === undefined || /^(\/([^~]|~[01])*)?$/.test(pointer)) return [];
  return [{ field, reason: `must be a JSON pointer such as /connectTimeout; got ${JSON.stringify(pointer)}` }];
}

function absent(at: string, mod: Mod, fields: readonly (keyof Mod)[], operation: string): Problem[] {
  return fields
    .filter((name) => mod[name] !== undefined)
    .map((name) => mustBeAbsent(`${at}.${name}`, `: ${operation} takes none`));
}
