import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

test('failures that are to be logged tell whether there is a log', () => {
  const at = (conf: Parameters<typeof useless>[0]) => useless(conf).map(({ path }) => fieldPath(...path));
  expect(at({ eventLogPath: '/log', alwaysLogHealthCheckFailures: true })).toEqual([]);
  expect(at({ alwaysLogHealthCheckFailures: false })).toEqual([]);
  expect(at({ alwaysLogHealthCheckFailures: true })).toEqual(['alwaysLogHealthCheckFailures']);
});
