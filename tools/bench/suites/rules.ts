import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildProxy, Memo, resolveRules } from '../../../packages/core-model/src/proxy/index.ts';
import type { Resource } from '../../../packages/core-model/src/resources/resource.ts';
import type { Destination } from '../../../packages/core-model/src/rules/destination.ts';
import { rulesForDestination } from '../../../packages/core-model/src/rules/outbound-rules.ts';
import { applyChanges, emptySnapshot, type MeshSnapshot } from '../../../packages/core-model/src/snapshot/index.ts';
import { dataplane, inbound, mesh, outbound, proxyInput, resource } from '../../../packages/core-model/src/testing/resources.ts';
import type { Figure } from '../figures.ts';

const outbounds = 100;
const policies = 200;
/** Rounds before the first that counts: the control plane has long been running when a policy changes. */
const warmUp = 30;

/** From a mesh's policies to the rules of one proxy and of everything that it calls; in this process, without I/O. */
export async function rules(rounds: number): Promise<readonly Figure[]> {
  const first: number[] = [];
  const instance: number[] = [];
  const otherService: number[] = [];
  const afterChange: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < warmUp + rounds * 10; round++) {
    // A mesh of its own in each round: nothing is remembered from the one before.
    const snapshot = meshOf([...proxies(), ...randomPolicies(round)]);
    const memo = new Memo();
    const changed = withChange(snapshot, resource('MeshTimeout', 'all-0', timeoutOf({ kind: 'Mesh' }, '9s')));
    const samples = [
      [first, () => resolve(snapshot, 'web-1', memo)],
      [instance, () => resolve(snapshot, 'web-2', memo)],
      [otherService, () => resolve(snapshot, 'shop-1', memo)],
      [afterChange, () => resolve(changed, 'web-1', memo)],
    ] as const;
    for (const [list, work] of samples) {
      const took = timed(work);
      if (round >= warmUp) list.push(took);
    }
  }
  for (let round = 0; round < rounds * 10; round++) {
    const snapshot = meshOf([...proxies(), ...randomPolicies(round)]);
    whole.push(timed(() => buildProxy(snapshot, proxyInput(snapshot, 'web-1'), new Memo())));
  }
  const of = `${outbounds} outbounds, ${policies} policies`;
  return [
    { name: `rules of the first proxy (${of})`, unit: 'ms', samples: first },
    { name: 'rules of another instance', unit: 'ms', samples: instance },
    { name: 'rules of another service that calls the same', unit: 'ms', samples: otherService },
    { name: 'rules after one policy changed', unit: 'ms', samples: afterChange },
    { name: 'first proxy, rules and all that is made of them', unit: 'ms', samples: whole },
  ];
}

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;

/** What the mesh of a round left behind, which a control plane does not make anew each time, is not counted with the work. */
function timed(work: () => void): number {
  collectGarbage({ type: 'minor' });
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** @returns what is said of each destination by each kind of policy: nothing of it is merged before somebody asks */
function resolve(snapshot: MeshSnapshot, name: string, memo: Memo): readonly unknown[] {
  const { kinds } = resolveRules(snapshot, snapshot.dataplanes.get(name)!, { memo });
  return [...kinds.values()].flatMap((kind) =>
    destinations.map((destination) => rulesForDestination(kind, destination, memo)?.conf),
  );
}

const called = Array.from({ length: outbounds }, (_, i) => `service-${i}`);
const destinations = called.map((service): Destination => ({ kind: 'service', service, tags: {} }));

function proxies(): Resource[] {
  const outgoing = called.map((service, i) => outbound(service, 10_000 + i));
  const caller = (service: string, instance: number) =>
    dataplane(`${service}-${instance}`, {
      inbound: [inbound(service, 80, { team: 'front' }), inbound(`${service}-admin`, 81)],
      outbound: outgoing,
      labels: { app: service },
    });
  const servers = called.map((service, i) => dataplane(service, { address: `10.0.${i}.1`, inbound: [inbound(service, 80)] }));
  return [mesh('STRICT'), caller('web', 1), caller('web', 2), caller('shop', 1), ...servers];
}

const timeoutOf = (targetRef: object, requestTimeout: string, service?: string) => ({
  targetRef,
  to: [
    {
      targetRef: service === undefined ? { kind: 'Mesh' } : { kind: 'MeshService', name: service },
      default: { http: { requestTimeout } },
    },
  ],
});

/** Of all kinds that speak of traffic, for everybody, for those that are asked about, and for others; each selects some destination. */
function randomPolicies(round: number): Resource[] {
  const targets = [
    { kind: 'Mesh' },
    { kind: 'MeshSubset', tags: { team: 'front' } },
    { kind: 'MeshService', name: 'web' },
    { kind: 'Dataplane', labels: { app: 'shop' } },
    { kind: 'Mesh', proxyTypes: ['Sidecar'] },
  ];
  return Array.from({ length: policies }, (_, i) => {
    const targetRef = targets[i % targets.length]!;
    const to = (conf: object) => [{ targetRef: { kind: 'MeshService', name: called[(i * 7) % called.length] }, ...conf }];
    const name = `all-${i}`;
    switch (i % 7) {
      case 0:
        return resource('MeshTimeout', name, timeoutOf(targetRef, `${round + 1}s`, i % 2 === 0 ? undefined : called[i % 100]));
      case 1:
        return resource('MeshRetry', name, { targetRef, to: to({ default: { http: { numRetries: i } } }) });
      case 2:
        return resource('MeshCircuitBreaker', name, {
          targetRef,
          to: to({ default: { connectionLimits: { maxConnections: i + 1 } } }),
        });
      case 3:
        return resource('MeshHTTPRoute', name, {
          targetRef,
          to: to({ rules: [{ matches: [{ path: { type: 'PathPrefix', value: `/${i}` } }], default: {} }] }),
        });
      case 4:
        return resource('MeshTrafficPermission', name, {
          targetRef,
          from: [{ targetRef: { kind: 'MeshService', name: called[i % 100] }, default: { action: 'Allow' } }],
        });
      case 5:
        return resource('MeshHealthCheck', name, { targetRef, to: to({ default: { interval: '5s', tcp: {} } }) });
      default:
        return resource('MeshLoadBalancingStrategy', name, {
          targetRef,
          to: to({ default: { loadBalancer: { type: 'LeastRequest' } } }),
        });
    }
  });
}

function meshOf(resources: readonly Resource[]): MeshSnapshot {
  return applyChanges(
    emptySnapshot('default'),
    resources.map((after) => ({ after })),
  ).snapshot;
}

function withChange(snapshot: MeshSnapshot, after: Resource): MeshSnapshot {
  return applyChanges(snapshot, [{ after }]).snapshot;
}
