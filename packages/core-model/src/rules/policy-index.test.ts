import { expect, it } from 'vitest';
import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { Resource } from '../resources/resource.ts';
import { applyChanges, emptySnapshot } from '../snapshot/index.ts';
import type { PolicyResource, PolicySpec } from '../target-ref/policy-spec.ts';
import { proxyTarget } from '../target-ref/proxy-target.ts';
import { random, randomResource } from '../testing/random-mesh.ts';
import { dataplane, inbound, resource } from '../testing/resources.ts';
import { candidatePolicies } from './policy-index.ts';
import { select } from './resolve-rules.ts';

it('holds back no policy that selects a dataplane, and keeps their order', () => {
  const next = random(11);
  for (let run = 0; run < 40; run++) {
    const resources = Array.from({ length: 60 }, () => ({ after: randomResource(next) }));
    const { snapshot } = applyChanges(emptySnapshot('default'), resources);
    for (const proxy of snapshot.dataplanes.values()) {
      for (const policies of snapshot.policies.values()) {
        const selecting = policies.filter((policy) => select(snapshot, policy, proxyTarget(proxy)) !== 'none');
        const candidates = candidatePolicies(policies, proxy);
        expect(candidates.filter((policy) => selecting.includes(policy))).toEqual(selecting);
      }
    }
  }
});

it('leaves out what is for other services, proxies and labels', () => {
  const targets = [
    { kind: 'MeshSubset', tags: { 'kuma.io/service': 'other' } },
    { kind: 'MeshSubset', tags: { 'kuma.io/service': 'web' } },
    { kind: 'Dataplane', name: 'other' },
    { kind: 'Dataplane', name: 'web-1' },
    { kind: 'Dataplane', labels: { app: 'other' } },
    { kind: 'Mesh' },
  ];
  const policies = targets.map((targetRef, i): PolicyResource => resource('MeshTimeout', `p${i}`, { targetRef } as PolicySpec));
  const web = dataplane('web-1', { inbound: [inbound('web', 80)], labels: { app: 'web' } }) as Resource<Dataplane>;
  expect(candidatePolicies(policies, web).map(({ name }) => name)).toEqual(['p1', 'p3', 'p5']);
});
