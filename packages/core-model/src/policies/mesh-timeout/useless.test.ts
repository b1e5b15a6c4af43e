import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const conf = {
  connectionTimeout: '1s',
  idleTimeout: '1s',
  http: {
    requestTimeout: '1s',
    streamIdleTimeout: '1s',
    maxStreamDuration: '1s',
    maxConnectionDuration: '1s',
    requestHeadersTimeout: '1s',
  },
};
const places = (route: boolean) => useless(conf, { route, someClients: false }).map(({ path }) => fieldPath(...path));

test('what concerns connections says that it has no effect on a route', () => {
  expect(places(true)).toEqual([
    'connectionTimeout',
    'idleTimeout',
    'http.maxStreamDuration',
    'http.maxConnectionDuration',
    'http.requestHeadersTimeout',
  ]);
  expect(places(false)).toEqual([]);
});
