import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const abort = { httpStatus: 503, percentage: '50' };

test.each<[string, object, string[]]>([
  ['nothing', {}, ['']],
  ['faults', { http: [{ abort }, { delay: { value: '1s', percentage: '5' } }] }, []],
  ['no faults, on purpose', { http: [] }, []],
  ['a status without a body', { http: [{ abort }, { abort: { ...abort, httpStatus: 204 } }] }, ['http[1].abort.httpStatus']],
  [
    'a status that ends no request',
    { http: [{ abort }, { abort: { ...abort, httpStatus: 100 } }] },
    ['http[1].abort.httpStatus'],
  ],
  ['items without a fault', { http: [{}, { abort }, {}] }, ['http[0]', 'http[2]']],
])('a policy with %s says what is of no use', (_, conf, expected) => {
  expect(useless(conf).map(({ path }) => fieldPath(...path))).toEqual(expected);
});
