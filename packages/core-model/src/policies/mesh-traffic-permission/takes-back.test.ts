import { expect, test } from 'vitest';
import type { ClientMatchIr, PermissionIr, PermissionRuleIr } from '../../ir/index.ts';
import { takesBack } from './takes-back.ts';

const id = (value: string): ClientMatchIr => ({ kind: 'spiffeId', match: 'exact', value });
const [web, api, everybody] = [id('spiffe://default/web'), id('spiffe://default/api'), { kind: 'any' } as const];

const permission = (...rules: readonly (readonly [PermissionRuleIr['action'], ClientMatchIr])[]): PermissionIr => ({
  rules: rules.map(([action, client], ruleIndex) => ({ action, client, origin: { kri: `kri_${ruleIndex}`, ruleIndex } })),
});

test.each([
  ['one more is let in', permission(['Allow', web]), permission(['Allow', api], ['Allow', web])],
  ['everybody is, in place of one', permission(['Allow', web]), permission(['Allow', everybody])],
  ['one less is denied', permission(['Allow', web], ['Deny', api]), permission(['Allow', web])],
  ['another policy says the same', permission(['Deny', api], ['Allow', web]), permission(['Allow', web], ['Deny', api])],
  ['what is denied is denied in shadow', permission(['Allow', web]), permission(['AllowWithShadowDeny', web])],
])('nothing is taken back where %s', (_, before, after) => expect(takesBack(before, after)).toBe(false));

test.each([
  ['one is not let in any more', permission(['Allow', web], ['Allow', api]), permission(['Allow', web])],
  ['nobody is', permission(['Allow', web]), permission()],
  ['one is in place of everybody', permission(['Allow', everybody]), permission(['Allow', web])],
  ['one is denied', permission(['Allow', web]), permission(['Allow', web], ['Deny', api])],
])('something is taken back where %s', (_, before, after) => expect(takesBack(before, after)).toBe(true));
