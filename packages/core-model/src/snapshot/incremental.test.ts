import { describe, expect, it } from 'vitest';
import type { ProxyIr } from '../ir/index.ts';
import { buildProxy, Memo, refreshEndpoints } from '../proxy/index.ts';
import { keyString, type Resource } from '../resources/resource.ts';
import { type Random, random, randomResource } from '../testing/random-mesh.ts';
import { proxyInput } from '../testing/resources.ts';
import { applyChanges, emptySnapshot, type MeshSnapshot, type ResourceChange, touchedProxies } from './index.ts';
import type { PersistentMap } from './persistent-map.ts';

const seeds = Array.from({ length: 6 }, (_, i) => i + 1);

describe.each(seeds)('a mesh that changes at random (seed %i)', (seed) => {
  it('is after every change what it would be if built anew, and only the proxies that were named differ', () => {
    const next = random(seed);
    const resources = new Map<string, Resource>();
    const memo = new Memo();
    let snapshot = emptySnapshot('default');
    let proxies = new Map<string, ProxyIr>();
    for (let step = 0; step < 120; step++) {
      const changes = randomChanges(next, resources);
      const before = snapshot;
      const applied = applyChanges(before, changes);
      snapshot = applied.snapshot;
      const rebuilt = applyChanges(
        emptySnapshot('default'),
        [...resources.values()].map((after) => ({ after })),
      ).snapshot;
      expect(indexesOf(snapshot)).toEqual(indexesOf(rebuilt));

      const touched = touchedProxies(before, snapshot, applied.delta);
      const expected = new Map(
        [...rebuilt.dataplanes.keys()].map((name) => [name, buildProxy(rebuilt, proxyInput(rebuilt, name))]),
      );
      const updated = new Map<string, ProxyIr>();
      for (const name of snapshot.dataplanes.keys()) {
        const known = proxies.get(name);
        if (touched.rebuild.has(name) || known === undefined)
          updated.set(name, buildProxy(snapshot, proxyInput(snapshot, name), memo));
        else updated.set(name, touched.endpoints.has(name) ? refreshEndpoints(snapshot, known, memo) : known);
      }
      expect(updated).toEqual(expected);
      proxies = updated;
    }
  });
});

/** One or a few puts and removals; `resources` is what there is after them. */
function randomChanges(next: Random, resources: Map<string, Resource>): ResourceChange[] {
  return Array.from({ length: Math.ceil(next() * 3) }, () => {
    const existing = [...resources.values()];
    if (existing.length > 0 && next() < 0.25) {
      const before = existing[Math.floor(next() * existing.length)]!;
      resources.delete(keyString(before));
      return { before };
    }
    const after = randomResource(next);
    const before = resources.get(keyString(after));
    resources.set(keyString(after), after);
    return before ? { before, after } : { after };
  });
}

function indexesOf(snapshot: MeshSnapshot) {
  const { dataplanes, services, callers, selectors, policies, resource, tlsReadiness } = snapshot;
  const { routesTo, otelBackends, otelBackendUsers } = snapshot;
  const names = (index: PersistentMap<PersistentMap<true>>) =>
    new Map([...index].map(([key, set]) => [key, new Set(set.keys())]));
  return {
    resource,
    tlsReadiness,
    dataplanes: new Map(dataplanes),
    services: new Map(services),
    callers: names(callers),
    selectors: names(selectors),
    policies,
    routesTo: new Map([...routesTo].map(([key, routes]) => [key, new Set(routes)])),
    otelBackends,
    otelBackendUsers: new Map(otelBackendUsers),
  };
}
