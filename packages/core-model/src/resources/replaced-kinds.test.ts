import { expect, test } from 'vitest';
import { parseResource } from './parse.ts';
import { replacedKind } from './replaced-kinds.ts';

test('a kind of the time before targetRef is refused with the kind that replaces it', () => {
  const parsed = parseResource({ type: 'TrafficPermission', mesh: 'default', name: 'x', sources: [], destinations: [] });
  expect(parsed).toMatchObject({
    ok: false,
    problems: [{ field: '', reason: 'TrafficPermission is not supported; use MeshTrafficPermission' }],
  });
});

test('it is known by its path too, however that is written, and other words are not', () => {
  expect(replacedKind('traffic-logs')).toContain('MeshAccessLog');
  expect(replacedKind('traffic-log')).toContain('MeshAccessLog');
  expect(replacedKind('trafficlogs')).toContain('MeshAccessLog');
  expect(replacedKind('meshgateway')).toContain('delegated gateway');
  expect(replacedKind('MeshGatewayInstance')).toContain('delegated gateway');
  expect(replacedKind('meshtimeouts')).toBeUndefined();
});
