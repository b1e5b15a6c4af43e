import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function fields(conf: object | undefined): string[] {
  const spec = { to: [{ targetRef: { kind: 'Mesh' }, default: conf }] };
  const parsed = parseResource({ type: 'MeshHealthCheck', mesh: 'default', name: 'h', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field.replace('spec.to[0].default', ''));
}

test.each<[string, object | undefined, string[]]>([
  ['a probe by connection', { tcp: {} }, []],
  ['a probe that is switched off', { http: { disabled: true }, tcp: {} }, []],
  ['bytes', { tcp: { send: 'Zm9v', receive: ['YmFy', 'YmF6'] } }, []],
  ['a panic threshold as text', { tcp: {}, healthyPanicThreshold: '62.5' }, []],
  ['no probe', { interval: '10s' }, ['']],
  ['nothing', undefined, ['']],
  [
    'no time',
    { tcp: {}, interval: '0s', timeout: '0s', noTrafficInterval: '0s' },
    ['.interval', '.timeout', '.noTrafficInterval'],
  ],
  ['thresholds of 0', { tcp: {}, healthyThreshold: 0, unhealthyThreshold: 0 }, ['.unhealthyThreshold', '.healthyThreshold']],
  ['more than all', { tcp: {}, intervalJitterPercent: 101 }, ['.intervalJitterPercent']],
  ['panic above all', { tcp: {}, healthyPanicThreshold: 101 }, ['.healthyPanicThreshold']],
  ['a relative path', { tcp: {}, eventLogPath: 'events.log' }, ['.eventLogPath']],
  ['an empty path', { http: { path: '' } }, ['.http.path']],
  ['a path of two lines', { http: { path: '/a\nb' } }, ['.http.path']],
  [
    'a host',
    { http: { requestHeadersToAdd: { add: [{ name: 'host', value: 'a' }] } } },
    ['.http.requestHeadersToAdd.add[0].name'],
  ],
  [
    'a header longer than Envoy takes',
    { http: { requestHeadersToAdd: { add: [{ name: 'x-a', value: 'v'.repeat(16_385) }] } } },
    ['.http.requestHeadersToAdd.add[0].value'],
  ],
  [
    'statuses that do not exist',
    { http: { expectedStatuses: [99, 200, 600] } },
    ['.http.expectedStatuses[0]', '.http.expectedStatuses[2]'],
  ],
  ['base64 without padding', { tcp: { send: 'Zg', receive: ['Zm8', '\n'] } }, []],
  ['base64 of less than a byte', { tcp: { send: 'a', receive: ['Zm9vY'] } }, ['.tcp.receive[0]', '.tcp.send']],
  ['what is not base64', { tcp: { send: 'foo!', receive: ['bar!'] } }, ['.tcp.receive[0]', '.tcp.send']],
])('with %s', (_, conf, at) => {
  expect(fields(conf).toSorted()).toEqual(at.toSorted());
});
