import { describe, expect, it } from 'vitest';
import { hasTags, type Tags } from '../../dataplane/tags.ts';
import type { TargetRef } from '../../generated/types/kuma/target_ref.ts';
import type { ClientMatchIr, PermissionRuleIr } from '../../ir/index.ts';
import { policyItems } from '../../rules/policy-items.ts';
import { type Random, random } from '../../testing/random-mesh.ts';
import { resource } from '../../testing/resources.ts';
import { permission } from './permission.ts';

type Action = PermissionRuleIr['action'];

interface From {
  readonly targetRef: TargetRef;
  readonly default: { readonly action: Action };
}

function rulesOf(spec: object): readonly PermissionRuleIr[] {
  return permission(inboundItems(spec), 'default').rules;
}

function inboundItems(spec: object) {
  return policyItems(resource('MeshTrafficPermission', 'p', spec)).inbound;
}

describe('permission of items in `from`', () => {
  it('is decided by the last item that matches a client, and never by two', () => {
    const next = random(7);
    for (let run = 0; run < 300; run++) {
      const from = Array.from({ length: Math.ceil(next() * 6) }, () => randomItem(next));
      const rules = rulesOf({ from });
      for (const client of clients) {
        const matching = rules.filter((rule) => matches(rule.client, client));
        expect(new Set(matching.map(({ action }) => action)).size).toBeLessThanOrEqual(1);
        const last = from.findLast(({ targetRef }) => selects(targetRef, client));
        expect(matching[0]?.action, JSON.stringify({ from, client })).toBe(last?.default.action);
      }
    }
  });

  it('leaves out items that a later one hides', () => {
    const from = [item({ kind: 'MeshService', name: 'web' }, 'Allow'), item({ kind: 'Mesh' }, 'Deny')];
    expect(rulesOf({ from })).toEqual([
      { action: 'Deny', client: { kind: 'any' }, origin: { kri: 'kri_mtp_default___p_', ruleIndex: 1 } },
    ]);
  });

  it('lets nobody in by the labels of a service, which no certificate tells', () => {
    const rules = rulesOf({ from: [item({ kind: 'MeshService', labels: { app: 'web' } }, 'Allow')] });
    expect(clients.filter((client) => rules.some((rule) => matches(rule.client, client)))).toEqual([]);
  });

  it('needs no exceptions for items of the same action', () => {
    const names = Array.from({ length: 50 }, (_, i) => `svc-${i}`);
    const rules = rulesOf({ from: names.map((name) => item({ kind: 'MeshService', name }, 'Allow')) });
    expect(rules.map(({ client }) => client.kind)).toEqual(names.map(() => 'tag'));
  });

  it('matches any value of a tag by the beginning of the URI that carries it', () => {
    expect(rulesOf({ from: [item({ kind: 'MeshSubset', tags: { env: '*' } }, 'Allow')] })[0]?.client).toEqual({
      kind: 'spiffeId',
      match: 'prefix',
      value: 'kuma://env/',
    });
  });
});

describe('permission of lists in `rules`', () => {
  it('leaves out clients that ask for a server name, as they do of zone proxies alone', () => {
    const web = { spiffeID: { type: 'Exact', value: 'spiffe://default/web' } };
    const sni = { type: 'Exact', value: 'sni.extsvc.default.east.api.443' };
    const conf = { allow: [{ sni }, { ...web, sni }, web], deny: [{ sni }] };
    expect(rulesOf({ rules: [{ default: conf }] })).toEqual([
      expect.objectContaining({ action: 'Allow', client: { kind: 'spiffeId', match: 'exact', value: 'spiffe://default/web' } }),
    ]);
  });

  const web = { spiffeID: { type: 'Exact', value: 'spiffe://default/web' } };

  it('lets in whom an item in `from` that denies everybody would not, and nobody whom one denies by tags', () => {
    const denial = { kind: 'MeshSubset', tags: { env: 'dev' } } as const;
    const items = [
      ...inboundItems({ from: [item({ kind: 'MeshService', name: 'api' }, 'Allow'), item({ kind: 'Mesh' }, 'Deny')] }),
      ...inboundItems({ from: [item(denial, 'Deny')] }),
      ...inboundItems({ rules: [{ default: { allow: [web] } }] }),
    ];
    const rules = permission(items, 'default').rules;
    expect(rules.map(({ action, client }) => [action, client.kind])).toEqual([
      ['Deny', 'tag'],
      ['Allow', 'spiffeId'],
    ]);
  });

  it('leaves an item in `from` that denies everybody in force where it only denies', () => {
    const items = [
      ...inboundItems({ from: [item({ kind: 'Mesh' }, 'Deny')] }),
      ...inboundItems({ rules: [{ default: { deny: [web] } }] }),
    ];
    expect(permission(items, 'default').rules.map(({ action }) => action)).toEqual(['Deny', 'Deny']);
  });

  it('has a rule for each list, with the place it stands at', () => {
    const id = (value: string) => ({ spiffeID: { type: 'Exact', value } });
    const rules = rulesOf({
      rules: [{ default: { allow: [id('spiffe://a/b'), id('spiffe://a/c')] } }, { default: { deny: [id('spiffe://a/d')] } }],
    });
    expect(rules.map(({ action, origin }) => [action, origin.ruleIndex])).toEqual([
      ['Allow', 0],
      ['Deny', 1],
    ]);
  });
});

function item(targetRef: TargetRef, action: Action): From {
  return { targetRef, default: { action } };
}

function randomItem(next: Random): From {
  const pick = <T>(from: readonly T[]) => from[Math.floor(next() * from.length)]!;
  const targetRef = pick<TargetRef>([
    { kind: 'Mesh' },
    { kind: 'MeshService', name: 'web' },
    { kind: 'MeshService', name: 'api' },
    { kind: 'MeshSubset', tags: { env: 'dev' } },
    { kind: 'MeshSubset', tags: { env: 'prod', 'kuma.io/zone': 'east' } },
    { kind: 'MeshServiceSubset', name: 'web', tags: { 'kuma.io/zone': 'east' } },
  ]);
  return item(targetRef, pick(['Allow', 'Deny', 'AllowWithShadowDeny']));
}

const clients: readonly Tags[] = ['web', 'api', 'other'].flatMap((service) =>
  ['dev', 'prod'].flatMap((env) => ['east', 'west'].map((zone) => ({ 'kuma.io/service': service, env, 'kuma.io/zone': zone }))),
);

function selects(ref: TargetRef, client: Tags): boolean {
  return hasTags(client, { ...ref.tags, ...(ref.name && { 'kuma.io/service': ref.name }) });
}

function matches(match: ClientMatchIr, client: Tags): boolean {
  switch (match.kind) {
    case 'any':
      return true;
    case 'tag':
      return client[match.tag] === match.value;
    case 'and':
      return match.of.every((part) => matches(part, client));
    case 'or':
      return match.of.some((part) => matches(part, client));
    case 'not':
      return !matches(match.of, client);
    case 'spiffeId':
      throw new Error('no such condition in these cases');
  }
}
