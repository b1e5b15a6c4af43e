import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const abort = { httpStatus: 503, percentage: '50' };
const delay = { value: '1s', percentage: '5' };

test.each<[string, object, string[]]>([
  ['nothing', {}, ['']],
  ['faults', { http: [{ abort }, { delay }] }, []],
  ['no faults, on purpose', { http: [] }, []],
  ...[204, 304].map((httpStatus): [string, object, string[]] => [
    `a status without a body, ${httpStatus}`,
    { http: [{ abort }, { abort: { ...abort, httpStatus } }] },
    ['http[1].abort.httpStatus'],
  ]),
  [
    'a status that ends no request',
    { http: [{ abort }, { abort: { ...abort, httpStatus: 100 } }] },
    ['http[1].abort.httpStatus'],
  ],
  ['as many delays as there are rounds', { http: [{ delay }, { abort }, { delay }, {}, { delay }, { abort }] }, ['http[3]']],
  [
    'more delays than there are rounds',
    { http: [{ delay }, { delay }, { delay }, { abort }, { delay }, { abort }] },
    ['http[4]'],
  ],
  ['items without a fault', { http: [{}, { abort }, {}] }, ['http[0]', 'http[2]']],
])('a policy with %s says what is of no use', (_, conf, expected) => {
  expect(useless(conf).map(({ path }) => fieldPath(...path))).toEqual(expected);
});
