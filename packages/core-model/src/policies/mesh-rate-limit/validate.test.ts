import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function fields(local: object | undefined): string[] {
  const spec = { rules: [{ default: local && { local } }] };
  const parsed = parseResource({ type: 'MeshRateLimit', mesh: 'default', name: 'r', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field.replace('spec.rules[0].default.local', ''));
}

const rate = { num: 5, interval: '10s' };
const headers = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `x-${i}`, value: 'v' }));

test.each<[string, object | undefined, string[]]>([
  ['requests and connections', { http: { requestRate: rate }, tcp: { connectionRate: rate } }, []],
  ['only an answer, for a rate that stands elsewhere', { http: { onRateLimit: { status: 503 } } }, []],
  ['limits switched off', { http: { disabled: true }, tcp: { disabled: true } }, []],
  ['a status that gives 429', { http: { onRateLimit: { status: 200 } } }, []],
  ['nothing', undefined, ['']],
  ['no limit', {}, ['']],
  ['empty limits', { http: {}, tcp: {} }, ['.http', '.tcp']],
  ['half a rate', { http: { requestRate: { num: 1 } } }, ['.http.requestRate.interval']],
  ['a rate of 0', { tcp: { connectionRate: { num: 0, interval: '1s' } } }, ['.tcp.connectionRate.num']],
  [
    'intervals too short',
    { http: { requestRate: { num: 1, interval: '50ms' } }, tcp: { connectionRate: { num: 1, interval: '0s' } } },
    ['.http.requestRate.interval', '.tcp.connectionRate.interval'],
  ],
  ['the longest interval', { http: { requestRate: { num: 1, interval: '2562047h' } } }, []],
  ['a longer interval', { http: { requestRate: { num: 1, interval: '2562047h1s' } } }, ['.http.requestRate.interval']],
  ['a status that Envoy does not know', { http: { onRateLimit: { status: 450 } } }, ['.http.onRateLimit.status']],
  ['no status', { http: { onRateLimit: { status: 600 } } }, ['.http.onRateLimit.status']],
  [
    'a header in upper case',
    { http: { onRateLimit: { headers: { add: [{ name: 'X-A', value: 'v' }] } } } },
    ['.http.onRateLimit.headers.add[0].name'],
  ],
  [
    'headers that Envoy does not take',
    { http: { onRateLimit: { headers: { add: [{ name: 'host', value: 'v' }], set: [{ name: 'x-a', value: 'v\nv' }] } } } },
    ['.http.onRateLimit.headers.set[0].value', '.http.onRateLimit.headers.add[0].name'],
  ],
  [
    'headers longer than Envoy takes',
    {
      http: {
        onRateLimit: {
          headers: {
            add: [
              { name: 'x'.repeat(257), value: 'v' },
              { name: 'x-b', value: 'ü'.repeat(8_193) },
            ],
            set: [
              { name: 'x'.repeat(256), value: 'v'.repeat(16_384) },
              { name: 'x-a', value: '%a'.repeat(6_000) },
            ],
          },
        },
      },
    },
    ['.http.onRateLimit.headers.add[0].name', '.http.onRateLimit.headers.add[1].value', '.http.onRateLimit.headers.set[1].value'],
  ],
  [
    'more headers than Envoy takes',
    { http: { onRateLimit: { headers: { add: headers(6), set: headers(5) } } } },
    ['.http.onRateLimit.headers'],
  ],
])('with %s', (_, local, at) => {
  expect(fields(local)).toEqual(at);
});

test.each<[object, string[]]>([
  [{ kind: 'Mesh' }, []],
  [{ kind: 'Mesh', proxyTypes: ['Sidecar'] }, ['spec.to']],
  [{ kind: 'Mesh', proxyTypes: ['Gateway'] }, []],
  [{ kind: 'Dataplane' }, ['spec.to']],
  [{ kind: 'MeshHTTPRoute', name: 'r' }, []],
])('what is for built-in gateways, for %j', (targetRef, at) => {
  const spec = { targetRef, to: [{ targetRef: { kind: 'Mesh' }, default: { local: { http: { requestRate: rate } } } }] };
  const parsed = parseResource({ type: 'MeshRateLimit', mesh: 'default', name: 'r', spec });
  expect(parsed.ok ? [] : parsed.problems.map(({ field }) => field)).toEqual(at);
});

const web = { spiffeID: { type: 'Exact', value: 'spiffe://default/web' } };
const jobs = { spiffeID: { type: 'Prefix', value: 'spiffe://default/job-' } };
const requests = { http: { requestRate: rate } };
const connections = { tcp: { connectionRate: rate } };

test.each<[string, object, string[]]>([
  ['requests of some clients', { matches: [web, jobs], default: { local: requests } }, []],
  ['connections of all clients', { matches: [], default: { local: connections } }, []],
  ['connections of some clients', { matches: [web], default: { local: { ...requests, ...connections } } }, ['default.local.tcp']],
  [
    'conditions that no certificate meets',
    { matches: [{}, { spiffeID: { type: 'Prefix', value: 'job-' } }, { sni: { type: 'Exact', value: 'x' } }] },
    ['default.local', 'matches[0].spiffeID', 'matches[1].spiffeID.value'],
  ],
])('a rule with %s', (_, rule, at) => {
  const parsed = parseResource({ type: 'MeshRateLimit', mesh: 'default', name: 'r', spec: { rules: [rule] } });
  const fields = parsed.ok ? [] : parsed.problems.map(({ field }) => field.replace('spec.rules[0].', ''));
  expect(fields).toEqual(at);
});

test('a registered status that Envoy does not know is told so', () => {
  const spec = { rules: [{ default: { local: { http: { requestRate: rate, onRateLimit: { status: 451 } } } } }] };
  const parsed = parseResource({ type: 'MeshRateLimit', mesh: 'default', name: 'r', spec });
  expect(parsed.ok ? [] : parsed.problems.map(({ reason }) => reason)).toEqual([
    'must be a status that Envoy answers with, such as 429 or 503; got 451',
  ]);
});
