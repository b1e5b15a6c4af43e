import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

const mesh = { kind: 'Mesh' };

function problems(spec: object): Record<string, string> {
  const parsed = parseResource({ type: 'MeshAccessLog', mesh: 'default', name: 'a', spec });
  return parsed.ok ? {} : Object.fromEntries(parsed.problems.map(({ field, reason }) => [field, reason]));
}

function fields(...backends: object[]): string[] {
  return Object.keys(problems({ rules: [{ default: { backends } }] })).map((field) =>
    field.replace('spec.rules[0].default.backends', ''),
  );
}

const file = (format: object) => ({ type: 'File', file: { path: '/tmp/a.log', format } });
const plain = (text: string) => file({ type: 'Plain', plain: text });
const otel = (more: object) => ({ type: 'OpenTelemetry', openTelemetry: { endpoint: 'collector', ...more } });

test.each<[string, object, string[]]>([
  ['a file', { type: 'File', file: { path: '/dev/stdout' } }, []],
  ['a relative path', { type: 'File', file: { path: 'a.log' } }, ['[0].file.path']],
  ['no file', { type: 'File' }, ['[0].file']],
  [
    'an unknown type and other mistakes',
    { type: 'Fil', file: { path: 'a.log', format: { type: 'Text', plain: '%', json: [{ key: '"', value: '%HOW%' }] } } },
    [
      '[0].type',
      '[0].file.format.type',
      '[0].file.path',
      '[0].file.format.plain',
      '[0].file.format.json[0].key',
      '[0].file.format.json[0].value',
    ],
  ],
  ['a server', { type: 'Tcp', tcp: { address: 'logs.example:5000' } }, []],
  ['a server by its IPv6 address', { type: 'Tcp', tcp: { address: '[::1]:5000' } }, []],
  ['a server without port', { type: 'Tcp', tcp: { address: 'logs.example' } }, ['[0].tcp.address']],
  ['a port that is none', { type: 'Tcp', tcp: { address: 'logs:0' }, file: { path: '/a' } }, ['[0].file', '[0].tcp.address']],
  ['a collector', otel({}), []],
  ['a collector with a port', otel({ endpoint: 'collector.example:4318' }), []],
  ['a collector by URL', otel({ endpoint: 'http://collector' }), ['[0].openTelemetry.endpoint']],
  ['text as body', otel({ body: 'from %KUMA_SOURCE_SERVICE%' }), []],
  ['text as body that stands in an object', otel({ body: { stringValue: '%KUMA_MESH%' } }), []],
  ['values of every kind as body', otel({ body: values() }), []],
  [
    'keys and values beside kvlistValue',
    otel({ body: { kvlistValue: null, values: [{ key: 'a', value: { intValue: 1 } }] } }),
    [],
  ],
  ['no value as body', otel({ body: { text: 'a' } }), ['[0].openTelemetry.body']],
  [
    'a body with mistakes inside',
    otel({ body: { kvlistValue: { values: [{ key: 'a', value: { intValue: 'b' } }, { key: 'c' }] } } }),
    ['[0].openTelemetry.body.kvlistValue.values[0].value.intValue', '[0].openTelemetry.body.kvlistValue.values[1]'],
  ],
  [
    'an attribute of an unknown operator',
    otel({ attributes: [{ key: '', value: '%HOW%' }] }),
    ['[0].openTelemetry.attributes[0].key', '[0].openTelemetry.attributes[0].value'],
  ],
  ['attributes', otel({ attributes: names('a', 'start_time', 'http.status_code', 'k8s.pod.v2') }), []],
  [
    'attributes that are none of OpenTelemetry',
    otel({ attributes: names('Mesh', 'otel.scope', '%KUMA_MESH%', '1a', 'a..b', 'a_', 'a-b') }),
    [0, 1, 2, 3, 4, 5, 6].map((index) => `[0].openTelemetry.attributes[${index}].key`),
  ],
  ['a line', plain('%START_TIME(%Y/%m/%dT%H:%M:%S%z %s)% %REQ(X?Y):9% 100%%'), []],
  ['a format without its text', file({ type: 'Plain' }), ['[0].file.format.plain']],
  ['a format without fields', file({ type: 'Json', json: [] }), ['[0].file.format.json']],
  ['fields', file({ type: 'Json', json: [{ key: 'a', value: 'b' }] }), []],
  [
    'an empty field',
    file({ type: 'Json', json: [{ key: '', value: '' }] }),
    ['[0].file.format.json[0].key', '[0].file.format.json[0].value'],
  ],
  [
    'quotes and line breaks in fields',
    file({
      type: 'Json',
      json: [
        { key: 'a"b', value: 'c\nd' },
        { key: 'e', value: '{"f": "%PROTOCOL%"}' },
      ],
    }),
    ['[0].file.format.json[0].key', '[0].file.format.json[0].value', '[0].file.format.json[1].value'],
  ],
])('with %s', (_, backend, at) => {
  expect(fields(backend)).toEqual(at);
});

function names(...keys: string[]) {
  return keys.map((key) => ({ key, value: 'x' }));
}

function values() {
  const values = [{ boolValue: true }, { intValue: 123 }, { intValue: '5' }, { doubleValue: 1.2 }, { bytesValue: 'aGVsbG8=' }];
  return { kvlistValue: { values: [{ key: 'all', value: { arrayValue: { values } } }] } };
}

test.each([
  ['%KUMA_SOURCE_SERVCE%', 'has an unknown command operator %KUMA_SOURCE_SERVCE%; did you mean %KUMA_SOURCE_SERVICE%?'],
  ['%PROTOCOLS%', 'has an unknown command operator %PROTOCOLS%; did you mean %PROTOCOL%?'],
  ['100% of it', 'has a % at character 4 that begins no command operator; %% writes a percent sign'],
  ['%REQ%', 'gives %REQ% no argument, such as %REQ(...)%'],
  ['%DURATION(ms)%', 'gives %DURATION% an argument, which it does not take'],
  ['%KUMA_MESH:3%', 'limits the length of %KUMA_MESH%, which cannot be cut'],
  ['%PATH(NX)%', 'gives %PATH% NX where one of WQ, NQ belongs; got "NX"'],
  ['%COMMON_DURATION(a:b:s)%', 'gives %COMMON_DURATION% s where one of ms, us, ns belongs; got "a:b:s"'],
  ['%COMMON_DURATION(a)%', 'gives %COMMON_DURATION% something else than START:END or START:END:ms; got "a"'],
  ['%COMMON_DURATION(a:b:)%', 'gives %COMMON_DURATION% something else than START:END or START:END:ms; got "a:b:"'],
  ['%GRPC_STATUS(NUMBER:a)%', 'gives %GRPC_STATUS% something else than one word; got "NUMBER:a"'],
  ['%FILTER_STATE(a:PLAIN:b)%', 'gives %FILTER_STATE% something else than KEY, KEY:PLAIN or KEY:FIELD:name; got "a:PLAIN:b"'],
  ['%FILTER_STATE(a:FIELD)%', 'gives %FILTER_STATE% FIELD without the name of a field, such as a:FIELD:name; got "a:FIELD"'],
  ['%ENVIRONMENT(A\nB)%', 'gives %ENVIRONMENT% an argument with a line break; got "A\\nB"'],
  ['%REQ(a b)%', 'gives %REQ% something else than the name of a header, or two with ? between them; got "a b"'],
  ['%XFCC_VALUE(san)%', 'gives %XFCC_VALUE% something else than by, hash, cert, chain, subject, uri or dns; got "san"'],
  [
    '%COALESCE(PROTOCOL)%',
    'gives %COALESCE% something else than a list such as {"operators": ["PROTOCOL", {"command": "REQ", "param": "x-name"}]}',
  ],
  ['%COALESCE({"operators": ["PROTOCOLS"]})%', 'has an unknown command operator %PROTOCOLS%; did you mean %PROTOCOL%?'],
  ['%COALESCE({"operators": [{"command": "KUMA_MESH"}]})%', "has %KUMA_MESH% inside of %COALESCE%, which takes Envoy's own only"],
])('the format %j is refused in words', (format, reason) => {
  expect(problems({ rules: [{ default: { backends: [plain(format)] } }] })).toEqual({
    'spec.rules[0].default.backends[0].file.format.plain': reason,
  });
});

test('an operator may be the first of several that has a value', () => {
  const operators = ['REQUESTED_SERVER_NAME', { command: 'REQ', param: ':authority', max_length: 5 }];
  expect(problems({ rules: [{ default: { backends: [plain(`%COALESCE(${JSON.stringify({ operators })}):9%`)] } }] })).toEqual({});
});

test('a configuration says where logs go, be it nowhere', () => {
  expect(Object.keys(problems({ to: [{ targetRef: mesh, default: {} }] }))).toEqual(['spec.to[0].default.backends']);
  expect(problems({ from: [{ targetRef: mesh, default: { backends: [] } }] })).toEqual({});
});

test('conditions on clients that no client can meet are refused, each with its path', () => {
  const conf = { default: { backends: [] } };
  const spiffeID = (type: string, value: string) => ({ spiffeID: { type, value } });
  const rules = [
    { ...conf, matches: [spiffeID('Exact', 'spiffe://default/web'), spiffeID('Prefix', 'spiffe://default/')] },
    { ...conf, matches: [spiffeID('Exact', 'web'), {}, spiffeID('Suffix', 'spiffe://default/web'), { header: 'a' }] },
    { ...conf, matches: [{ ...spiffeID('Prefix', 'spiffe://*'), sni: { type: 'Exact', value: 'backend' } }] },
  ];
  expect(Object.keys(problems({ rules })).sort()).toEqual([
    'spec.rules[1].matches[0].spiffeID.value',
    'spec.rules[1].matches[1].spiffeID',
    'spec.rules[1].matches[2].spiffeID.type',
    'spec.rules[1].matches[3].header',
    'spec.rules[1].matches[3].spiffeID',
    'spec.rules[2].matches[0].spiffeID.value',
  ]);
});
