import { expect, test } from 'vitest';
import { parseResource } from './parse.ts';

test('a duration is at most as long as proxies can count, wherever it stands', () => {
  const http = (requestTimeout: string) => ({ default: { http: { requestTimeout }, connectionTimeout: '10ms' } });
  const spec = { rules: [http('2562047h'), http('2562047h1s')] };
  expect(parseResource({ type: 'MeshTimeout', mesh: 'default', name: 't', spec })).toMatchObject({
    ok: false,
    problems: [{ field: 'spec.rules[1].default.http.requestTimeout', reason: 'must be at most 2562047h; got "2562047h1s"' }],
  });
});
