import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function fields(appendMatch: object[], more: object = { passthroughMode: 'Matched' }): string[] {
  const spec = { default: { ...more, appendMatch } };
  const parsed = parseResource({ type: 'MeshPassthrough', mesh: 'default', name: 'a', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field.replace('spec.default.appendMatch', ''));
}

const domain = { type: 'Domain', value: 'example.com', protocol: 'tls', port: 443 };
const range = { type: 'CIDR', value: '10.0.0.0/8' };

test.each<[string, object[], string[]]>([
  ['a domain', [domain], []],
  ['a wildcard', [{ ...domain, value: '*.example.com' }], []],
  ['any domain', [{ ...domain, value: '*' }], []],
  ['a domain at any port', [{ type: 'Domain', value: 'example.com', protocol: 'http' }], []],
  ['addresses', [{ type: 'IP', value: '::1' }, range, { ...range, value: 'fd00::/8', protocol: 'http', port: 80 }], []],
  [
    'bytes, TLS and requests at one port',
    [
      { ...range, port: 80 },
      { ...domain, port: 80 },
      { ...domain, protocol: 'http', port: 80 },
    ],
    [],
  ],
  ['mysql', [{ ...range, protocol: 'mysql', port: 3306 }], []],
  ['neither type nor value', [{ protocol: 'tcp' }], ['[0].type', '[0].value']],
  ['an unknown protocol', [{ ...range, protocol: 'udp' }], ['[0].protocol']],
  ['no port', [{ ...range, port: 0 }], ['[0].port']],
  [
    'no address',
    [
      { type: 'IP', value: '10.0.0' },
      { type: 'IP', value: '10.0.0.0/8' },
    ],
    ['[0].value', '[1].value'],
  ],
  [
    'no range',
    [
      { type: 'CIDR', value: '10.0.0.0' },
      { type: 'CIDR', value: '10.0.0.0/40' },
    ],
    ['[0].value', '[1].value'],
  ],
  ['part of a label', [{ ...domain, value: '*w.example.com' }], ['[0].value']],
  ['an address for a domain', [{ ...domain, value: '10.0.0.1' }], ['[0].value']],
  [
    'a domain of bytes',
    [
      { ...domain, protocol: 'tcp' },
      { ...domain, protocol: 'mysql' },
    ],
    ['[0].protocol', '[1].protocol'],
  ],
  ['mysql at any port', [{ ...range, protocol: 'mysql' }], ['[0].port']],
  ['requests to a wildcard at any port', [{ type: 'Domain', value: '*.example.com', protocol: 'http2' }], ['[0].port']],
  [
    'two kinds of requests at one port',
    [
      { ...range, protocol: 'http', port: 80 },
      { ...domain, protocol: 'grpc', port: 80 },
    ],
    ['[1].port'],
  ],
  [
    'TLS where mysql is',
    [
      { ...range, protocol: 'tls', port: 3306 },
      { ...range, protocol: 'mysql', port: 3306 },
    ],
    ['[0].port'],
  ],
  ['the same twice', [domain, domain], ['[1].value']],
])('with %s', (_, matches, at) => {
  expect(fields(matches)).toEqual(at);
});

test('a mode that there is not is refused, and lists may stand beside any', () => {
  expect(fields([], { passthroughMode: 'Some' })).toEqual(['spec.default.passthroughMode']);
  expect(fields([domain], { passthroughMode: 'All' })).toEqual([]);
});
