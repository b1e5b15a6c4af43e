import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

const path = (type: string, value: string) => ({ path: { type, value } });
const root = [path('PathPrefix', '/')];

function fields(rule: object): string[] {
  const spec = { to: [{ targetRef: { kind: 'MeshService', name: 'web' }, rules: [{ matches: root, default: {}, ...rule }] }] };
  const parsed = parseResource({ type: 'MeshHTTPRoute', mesh: 'default', name: 'r', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field.replace('spec.to[0].rules[0].', ''));
}

const heavy = ['web', 'api'].map((name) => ({ kind: 'MeshService', name, weight: 2 ** 31 }));
const filter = (type: string, conf: object, matches = root) => ({ matches, default: { filters: [{ type, ...conf }] } });
const conf = 'default.filters[0]';

test.each<[string, object, string[]]>([
  ['a prefix', {}, []],
  [
    'all conditions',
    {
      matches: [
        {
          ...path('RegularExpression', '/v[0-9]+'),
          method: 'GET',
          headers: [{ type: 'Present', name: 'a' }],
          queryParams: [{ type: 'Exact', name: 'q', value: '' }],
        },
      ],
    },
    [],
  ],
  ['a split', { default: { backendRefs: [{ kind: 'MeshServiceSubset', name: 'web', tags: { v: '1' }, weight: 90 }] } }, []],
  ['no matches', { matches: [] }, ['matches']],
  ['a relative path', { matches: [path('Exact', 'v1')] }, ['matches[0].path.value']],
  ['a slash after a prefix', { matches: [path('PathPrefix', '/v1/')] }, ['matches[0].path.value']],
  ['an unknown type of match', { matches: [path('Prefix', '/v1')] }, ['matches[0].path.type']],
  ['an open bracket', { matches: [path('RegularExpression', '/(a')] }, ['matches[0].path.value']],
  ['more weight than a proxy counts', { default: { backendRefs: heavy } }, ['default.backendRefs']],
  ['a repetition that no proxy counts', { matches: [path('RegularExpression', '/a{1001}')] }, ['matches[0].path.value']],
  ['an escape that RE2 does not know', { matches: [path('RegularExpression', '/\\u0041')] }, ['matches[0].path.value']],
  ['an escape that it does', { matches: [path('RegularExpression', '/\\d+\\.\\x41\\\\u')] }, []],
  ['a class that RE2 finds no end of', { matches: [path('RegularExpression', '/[^]')] }, ['matches[0].path.value']],
  ['a bracket in a class', { matches: [path('RegularExpression', '/[]a]')] }, []],
  [
    'an empty expression',
    { matches: [{ headers: [{ type: 'RegularExpression', name: 'a', value: '' }] }] },
    ['matches[0].headers[0].value'],
  ],
  ['a query in a prefix', { matches: [path('PathPrefix', '/v1?a=b')] }, ['matches[0].path.value']],
  ['look-ahead', { matches: [path('RegularExpression', '/(?=a)')] }, ['matches[0].path.value']],
  ['repetitions of repetitions', { matches: [path('RegularExpression', '/(a{100}){11}')] }, ['matches[0].path.value']],
  ['a back-reference', { matches: [path('RegularExpression', '/(a)\\1')] }, ['matches[0].path.value']],
  ['a lower-case method', { matches: [{ method: 'get' }] }, ['matches[0].method']],
  [
    'a parameter of endless name',
    { matches: [{ queryParams: [{ type: 'Exact', name: 'q'.repeat(1025), value: 'a' }] }] },
    ['matches[0].queryParams[0].name'],
  ],
  [
    'a parameter twice',
    {
      matches: [
        {
          queryParams: [
            { type: 'Exact', name: 'q', value: 'a' },
            { type: 'Exact', name: 'q', value: 'b' },
          ],
        },
      ],
    },
    ['matches[0].queryParams[1].name'],
  ],
  [
    'a value of an absent header',
    { matches: [{ headers: [{ type: 'Absent', name: 'a', value: 'b' }] }] },
    ['matches[0].headers[0].value'],
  ],
  ['a filter without its settings', filter('RequestRedirect', {}), [`${conf}.requestRedirect`]],
  [
    'the settings of another filter',
    filter('RequestRedirect', { requestRedirect: {}, urlRewrite: { hostname: 'a' } }),
    [`${conf}.urlRewrite`],
  ],
  ['an unknown filter', filter('UrlRewrite', {}), [`${conf}.type`]],
  ['a redirect', filter('RequestRedirect', { requestRedirect: { scheme: 'https', statusCode: 301, hostname: 'a.example' } }), []],
  [
    'a redirect without meaning',
    filter('RequestRedirect', { requestRedirect: { statusCode: 200 } }),
    [`${conf}.requestRedirect.statusCode`],
  ],
  [
    'a redirect to an address',
    filter('RequestRedirect', { requestRedirect: { hostname: '10.0.0.1' } }),
    [`${conf}.requestRedirect.hostname`],
  ],
  [
    'a redirect to a host in upper case',
    filter('RequestRedirect', { requestRedirect: { hostname: 'A.example' } }),
    [`${conf}.requestRedirect.hostname`],
  ],
  [
    'a rewrite to a host with an underscore',
    filter('URLRewrite', { urlRewrite: { hostname: 'a_b.example' } }),
    [`${conf}.urlRewrite.hostname`],
  ],
  [
    'a rewrite of the prefix',
    filter('URLRewrite', { urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/x' } } }),
    [],
  ],
  [
    'a rewrite of a prefix that is none',
    filter('URLRewrite', { urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/x' } } }, [
      path('Exact', '/a'),
    ]),
    [`${conf}.urlRewrite.path.replacePrefixMatch`],
  ],
  [
    'the host of an endpoint of the mesh',
    filter('URLRewrite', { urlRewrite: { hostToBackendHostname: true } }),
    [`${conf}.urlRewrite.hostToBackendHostname`],
  ],
  [
    'the wrong field of a rewrite',
    filter('URLRewrite', { urlRewrite: { path: { type: 'ReplaceFullPath', replacePrefixMatch: '/x' } } }),
    [`${conf}.urlRewrite.path.replacePrefixMatch`, `${conf}.urlRewrite.path.replaceFullPath`],
  ],
  [
    'a mirror',
    filter('RequestMirror', { requestMirror: { percentage: '0.5', backendRef: { kind: 'MeshService', name: 'b' } } }),
    [],
  ],
  [
    'a mirror of too much',
    filter('RequestMirror', { requestMirror: { percentage: 101, backendRef: { kind: 'MeshService', name: 'b' } } }),
    [`${conf}.requestMirror.percentage`],
  ],
  [
    'a mirror outside of the mesh',
    filter('RequestMirror', { requestMirror: { backendRef: { kind: 'MeshExternalService', name: 'b' } } }),
    [`${conf}.requestMirror.backendRef.kind`],
  ],
  ['no change of headers', filter('RequestHeaderModifier', { requestHeaderModifier: {} }), [`${conf}.requestHeaderModifier`]],
  [
    'headers longer than Envoy takes',
    filter('ResponseHeaderModifier', {
      responseHeaderModifier: {
        set: [{ name: 'x-a', value: 'v'.repeat(16_385) }],
        add: [{ name: 'x-b', value: 'v'.repeat(16_385) }],
      },
    }),
    [`${conf}.responseHeaderModifier.set[0].value`, `${conf}.responseHeaderModifier.add[0].value`],
  ],
  [
    'the host of a request changed as a header',
    filter('RequestHeaderModifier', { requestHeaderModifier: { set: [{ name: 'host', value: 'a' }] } }),
    [`${conf}.requestHeaderModifier.set[0].name`],
  ],
  [
    'what is no header removed',
    filter('ResponseHeaderModifier', { responseHeaderModifier: { remove: [':status', 'X-Fine', '', 'a\nb', 'a\0'] } }),
    [0, 2, 3, 4].map((index) => `${conf}.responseHeaderModifier.remove[${index}]`),
  ],
  [
    'a line break in a header',
    filter('RequestHeaderModifier', { requestHeaderModifier: { set: [{ name: 'a', value: 'b\nc' }] } }),
    [`${conf}.requestHeaderModifier.set[0].value`],
  ],
  [
    'a line break in a path',
    filter('URLRewrite', { urlRewrite: { path: { type: 'ReplaceFullPath', replaceFullPath: '/a\nb' } } }),
    [`${conf}.urlRewrite.path.replaceFullPath`],
  ],
  [
    'filters of one type',
    {
      default: {
        filters: ['a', 'b'].map((name) => ({
          type: 'RequestHeaderModifier',
          requestHeaderModifier: { set: [{ name, value: '1' }] },
        })),
      },
    },
    [],
  ],
  [
    'a header changed twice',
    filter('ResponseHeaderModifier', { responseHeaderModifier: { set: [{ name: 'a', value: '1' }], remove: ['A'] } }),
    [`${conf}.responseHeaderModifier.remove[0]`],
  ],
])('with %s', (_, rule, at) => {
  expect(fields(rule)).toEqual(at);
});
