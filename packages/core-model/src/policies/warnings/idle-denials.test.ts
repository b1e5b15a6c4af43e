import { expect, test } from 'vitest';
import { applyChanges, emptySnapshot } from '../../snapshot/index.ts';
import { dataplane, inbound, mesh, resource } from '../../testing/resources.ts';
import { idleDenialWarnings } from './idle-denials.ts';

const id = [{ spiffeID: { type: 'Prefix', value: 'spiffe://default/' } }];
const everybody = { from: [{ targetRef: { kind: 'Mesh' }, default: { action: 'Deny' } }] };
const permission = (name: string, spec: object) => resource<object>('MeshTrafficPermission', name, spec);

function warnings(spec: object, ...others: readonly ReturnType<typeof permission>[]): readonly string[] {
  const proxies = ['web', 'api'].map((name) => dataplane(name, { inbound: [inbound(name, 80)] }));
  const { snapshot } = applyChanges(
    emptySnapshot('default'),
    [mesh('STRICT'), ...proxies, ...others].map((after) => ({ after })),
  );
  return idleDenialWarnings(snapshot, permission('denial', spec));
}

test('a denial of everybody says whose rules let somebody in all the same', () => {
  const allowed = permission('allowed', { rules: [{ default: { allow: id } }] });
  const watched = permission('watched', { rules: [{ default: { allowWithShadowDeny: id } }] });
  expect(warnings(everybody, allowed, watched)).toEqual([
    `field 'spec.from[0]' denies nobody whom the rules of MeshTrafficPermission "watched", "allowed" let in`,
  ]);
});

test.each<[string, object, object]>([
  ['there are no such rules', everybody, { rules: [{ default: { deny: id } }] }],
  [
    'they are for another proxy',
    { targetRef: { kind: 'Dataplane', name: 'api' }, ...everybody },
    {
      targetRef: { kind: 'Dataplane', name: 'web' },
      rules: [{ default: { allow: id } }],
    },
  ],
  [
    'it denies some clients alone',
    { from: [{ targetRef: { kind: 'MeshService', name: 'web' }, default: { action: 'Deny' } }] },
    { rules: [{ default: { allow: id } }] },
  ],
  ['others let somebody in by tags', everybody, { from: [{ targetRef: { kind: 'Mesh' }, default: { action: 'Allow' } }] }],
])('a denial says nothing where %s', (_, spec, other) => {
  expect(warnings(spec, permission('other', other))).toEqual([]);
});
