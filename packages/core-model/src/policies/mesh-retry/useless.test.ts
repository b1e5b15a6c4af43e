import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const places = (conf: object, route = false) =>
  useless(conf, { someClients: false, route }).map(({ path }) => fieldPath(...path));

test('connections are not tried again for a route of requests', () => {
  const conf = { tcp: { maxConnectAttempt: 3 }, http: { numRetries: 1 } };
  expect(places(conf, true)).toEqual(['tcp']);
  expect(places(conf)).toEqual([]);
});

test('what is said for another predicate of host selection is told', () => {
  const hostSelection = [
    { predicate: 'OmitPreviousHosts', tags: { a: 'b' } },
    { predicate: 'OmitHostsWithTags', tags: { a: 'b' }, updateFrequency: 2 },
    { predicate: 'OmitPreviousPriorities', updateFrequency: 2 },
  ];
  expect(places({ http: { hostSelection } })).toEqual(['http.hostSelection[0].tags', 'http.hostSelection[1].updateFrequency']);
});

test('attempts to select another host are told where no host is to be left out', () => {
  expect(useless({ http: { hostSelectionMaxAttempts: 3 } }, { someClients: false, route: false })).toEqual([
    { path: ['http', 'hostSelectionMaxAttempts'], why: 'has no effect as long as hostSelection is not set', lacks: true },
  ]);
  expect(places({ http: { hostSelection: [{ predicate: 'OmitPreviousHosts' }], hostSelectionMaxAttempts: 3 } })).toEqual([]);
});

test.each<[string, object, string[]]>([
  ['nothing else', { http: { numRetries: 0 }, grpc: { numRetries: 0 } }, []],
  [
    'how to retry',
    { http: { numRetries: 0, retryOn: ['5xx'], backOff: { baseInterval: '1s' } }, grpc: { numRetries: 0, perTryTimeout: '1s' } },
    ['http.retryOn', 'http.backOff', 'grpc.perTryTimeout'],
  ],
  ['how to retry what else is tried again', { http: { numRetries: 0 }, grpc: { numRetries: 1, retryOn: ['Internal'] } }, []],
  ['how to retry, as often as another policy says', { http: { retryOn: ['5xx'] } }, []],
])('retries that are switched off beside %s tell what is of no use', (_, conf, idle) => {
  expect(places(conf)).toEqual(idle);
});
