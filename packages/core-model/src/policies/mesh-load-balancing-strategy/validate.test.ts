import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function fields(conf: object | undefined, targetRef: object = { kind: 'Mesh' }): string[] {
  const spec = { to: [{ targetRef, default: conf }] };
  const parsed = parseResource({ type: 'MeshLoadBalancingStrategy', mesh: 'default', name: 'b', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field.replace('spec.to[0].default.', ''));
}

const ring = (ringHash: object) => ({ loadBalancer: { type: 'RingHash', ringHash } });
const maglev = (tableSize: number) => ({ loadBalancer: { type: 'Maglev', maglev: { tableSize } } });
const least = (leastRequest: object) => ({ loadBalancer: { type: 'LeastRequest', leastRequest } });
const hash = (...hashPolicies: object[]) => ({ hashPolicies });
const failover = (...failover: object[]) => ({ localityAwareness: { crossZone: { failover } } });
const threshold = (percentage: unknown) => ({ localityAwareness: { crossZone: { failoverThreshold: { percentage } } } });
const affinity = (...affinityTags: object[]) => ({ localityAwareness: { localZone: { affinityTags } } });

test.each<[string, object | undefined, string[]]>([
  ['nothing', undefined, []],
  ['an algorithm', { loadBalancer: { type: 'RoundRobin', roundRobin: {} } }, []],
  ['no algorithm', { loadBalancer: {} }, ['loadBalancer.type']],
  ['one that does not exist', { loadBalancer: { type: 'Fair' } }, ['loadBalancer.type']],
  ['one choice', least({ choiceCount: 1 }), ['loadBalancer.leastRequest.choiceCount']],
  ['a bias below 0', least({ activeRequestBias: '-0.5' }), ['loadBalancer.leastRequest.activeRequestBias']],
  ['a ring from large to small', ring({ minRingSize: 100, maxRingSize: 10 }), ['loadBalancer.ringHash.minRingSize']],
  ['too large a ring', ring({ maxRingSize: 8_000_001 }), ['loadBalancer.ringHash.maxRingSize']],
  ['a table of a prime size', maglev(65_537), []],
  ['a table of another size', maglev(65_536), ['loadBalancer.maglev.tableSize']],
  ['a hash of the older place', ring({ hashPolicies: [{ type: 'Header' }] }), ['loadBalancer.ringHash.hashPolicies[0].header']],
  [
    'hashes',
    hash(
      { type: 'Header', header: { name: 'x' }, terminal: true },
      { type: 'Cookie', cookie: { name: 'c', ttl: '0s', path: '/' } },
      { type: 'Connection', connection: { sourceIP: true } },
      { type: 'SourceIP', connection: { sourceIP: true } },
      { type: 'QueryParameter', queryParameter: { name: 'q' } },
      { type: 'FilterState', filterState: { key: 'k' } },
    ),
    [],
  ],
  [
    'a hash of nothing',
    hash({ type: 'Connection' }, { type: 'Header', header: {} }),
    ['hashPolicies[0].connection', 'hashPolicies[1].header.name'],
  ],
  ['a header on two lines', hash({ type: 'Header', header: { name: 'x\ny' } }), ['hashPolicies[0].header.name']],
  ['a cookie on two lines', hash({ type: 'Cookie', cookie: { name: 'c\rd' } }), ['hashPolicies[0].cookie.name']],
  [
    'a path that adds a header to answers',
    hash({ type: 'Cookie', cookie: { name: 'c', ttl: '1h', path: '/\r\nx-more: 1' } }),
    ['hashPolicies[0].cookie.path'],
  ],
  ['a relative path', hash({ type: 'Cookie', cookie: { name: 'c', path: 'a' } }), ['hashPolicies[0].cookie.path']],
  ['affinity', affinity({ key: 'rack' }, { key: 'row' }), []],
  ['some weights', affinity({ key: 'rack', weight: 5 }, { key: 'row' }), ['localityAwareness.localZone.affinityTags']],
  ['a weight of 0', affinity({ key: 'rack', weight: 0 }), ['localityAwareness.localZone.affinityTags[0].weight']],
  ['weights beyond measure', affinity({ key: 'rack', weight: 4_294_967_295 }), ['localityAwareness.localZone.affinityTags']],
  ['too many tags', affinity(...'abcdefghij'.split('').map((key) => ({ key }))), ['localityAwareness.localZone.affinityTags']],
  ['a tag without name', affinity({ key: '' }), ['localityAwareness.localZone.affinityTags[0].key']],
  ['other zones', failover({ to: { type: 'Only', zones: ['a'] } }, { to: { type: 'Any' } }), []],
  [
    'zones where all are meant',
    failover({ to: { type: 'Any', zones: ['a'] } }),
    ['localityAwareness.crossZone.failover[0].to.zones'],
  ],
  [
    'no zones where some are meant',
    failover({ to: { type: 'AnyExcept' } }),
    ['localityAwareness.crossZone.failover[0].to.zones'],
  ],
  [
    'callers of no zone',
    failover({ from: { zones: [] }, to: { type: 'None' } }),
    ['localityAwareness.crossZone.failover[0].from.zones'],
  ],
  [
    'a zone without name',
    failover({ to: { type: 'Only', zones: [''] } }),
    ['localityAwareness.crossZone.failover[0].to.zones[0]'],
  ],
  ['a threshold of 0', threshold(0), ['localityAwareness.crossZone.failoverThreshold.percentage']],
  ['a threshold above all', threshold('100.5'), ['localityAwareness.crossZone.failoverThreshold.percentage']],
])('with %s', (_, conf, at) => {
  expect(fields(conf).toSorted()).toEqual(at);
});

test.each<[string, object, string[]]>([
  ['a service by its name', { name: 'backend' }, []],
  ['a section of a MeshService', { name: 'backend', sectionName: 'http' }, ['localityAwareness.crossZone']],
  ['MeshServices by labels', { labels: { team: 'a' } }, ['localityAwareness.crossZone']],
])('other zones for %s', (_, ref, at) => {
  expect(fields(failover({ to: { type: 'Any' } }), { kind: 'MeshService', ...ref })).toEqual(at);
});

test('hashes stand in one place', () => {
  const hashPolicies = [{ type: 'Header', header: { name: 'x' } }];
  expect(fields({ hashPolicies, ...ring({ hashPolicies }) })).toEqual(['loadBalancer.ringHash.hashPolicies']);
});

test('a route has hashes and nothing else', () => {
  const conf = { ...hash({ type: 'Header', header: { name: 'x' } }), loadBalancer: { type: 'Random' }, localityAwareness: {} };
  expect(fields(conf, { kind: 'MeshHTTPRoute', name: 'r' })).toEqual(['loadBalancer', 'localityAwareness']);
});
