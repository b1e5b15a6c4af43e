import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const exact = (value: string) => ({ spiffeID: { type: 'Exact', value } }) as const;
const prefix = (value: string) => ({ spiffeID: { type: 'Prefix', value } }) as const;
const places = (conf: object) => useless(conf).map(({ path }) => fieldPath(...path));

test('clients that are let in and denied in one place are told', () => {
  const deny = [exact('spiffe://default/api'), prefix('spiffe://default/legacy/')];
  const allow = [exact('spiffe://default/web'), exact('spiffe://default/api'), prefix('spiffe://default/legacy/old/')];
  const allowWithShadowDeny = [exact('spiffe://default/legacy/one')];
  expect(places({ deny, allow, allowWithShadowDeny })).toEqual(['allow[1]', 'allow[2]', 'allowWithShadowDeny[0]']);
});

test('some of those who are let in may be denied', () => {
  expect(places({ allow: [prefix('spiffe://default/')], deny: [exact('spiffe://default/api')] })).toEqual([]);
});

test('an action keeps nothing from being used', () => {
  expect(places({ action: 'Allow' })).toEqual([]);
});
