import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function fields(conf: unknown): string[] {
  const parsed = parseResource({ type: 'MeshTrace', mesh: 'default', name: 'a', spec: { default: conf } });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field.replace('spec.default.', ''));
}

const zipkin = (url: string) => ({ backends: [{ type: 'Zipkin', zipkin: { url } }] });
const datadog = (url: string) => ({ backends: [{ type: 'Datadog', datadog: { url } }] });
const otel = (endpoint: string) => ({ backends: [{ type: 'OpenTelemetry', openTelemetry: { endpoint } }] });
const with_ = (more: object) => ({ backends: [], ...more });

test.each<[string, unknown, string[]]>([
  ['no default', undefined, ['backends']],
  ['an empty default', {}, ['backends']],
  ['more than one problem', { sampling: { overall: 101 }, tags: [{ name: 'a' }] }, ['backends', 'sampling.overall', 'tags[0]']],
  ['no backend', { backends: [] }, []],
  ['two backends', { backends: [...zipkin('http://a').backends, ...otel('b').backends] }, ['backends']],
  ['a Zipkin URL', zipkin('http://jaeger-collector.mesh-observability:9411/api/v2/spans'), []],
  ['a Zipkin address without scheme', zipkin('zipkin:9411'), ['backends[0].zipkin.url']],
  ['a Zipkin URL with port 0', zipkin('http://zipkin:0/api/v2/spans'), ['backends[0].zipkin.url']],
  ['a Zipkin URL with a password', zipkin('http://a:b@zipkin'), ['backends[0].zipkin.url']],
  ['a Datadog URL', datadog('http://127.0.0.1:8126'), []],
  ['a Datadog URL that states the port of its scheme', datadog('http://agent:80'), []],
  ['a Datadog URL without a port', datadog('http://agent'), ['backends[0].datadog.url']],
  ['a Datadog URL with a path', datadog('http://agent:8126/v1'), ['backends[0].datadog.url']],
  ['a Datadog URL with a slash at its end', datadog('http://agent:8126/'), ['backends[0].datadog.url']],
  ['a Datadog URL with port 0', datadog('http://agent:0'), ['backends[0].datadog.url']],
  ['a Datadog URL of another scheme', datadog('https://agent:8126'), ['backends[0].datadog.url']],
  ['a collector', otel('otel-collector:4317'), []],
  ['a collector over HTTP', otel('https://otel-collector/v1/traces'), []],
  ['a collector of another scheme', otel('tcp://otel-collector:4317'), ['backends[0].openTelemetry.endpoint']],
  ['a collector over HTTP with port 0', otel('http://otel-collector:0'), ['backends[0].openTelemetry.endpoint']],
  ['a collector with a bad port', otel('otel-collector:99999'), ['backends[0].openTelemetry.endpoint']],
  [
    'a backend of another type',
    { backends: [{ type: 'Zipkin', datadog: { url: 'http://a:1' } }] },
    ['backends[0].zipkin', 'backends[0].datadog'],
  ],
  [
    'an unknown type and another mistake',
    { backends: [{ type: 'Zip', zipkin: { url: 'zipkin:9411' } }] },
    ['backends[0].type', 'backends[0].zipkin.url'],
  ],
  ['sampling', with_({ sampling: { overall: 80, client: '0.5', random: '100' } }), []],
  [
    'sampling out of range',
    with_({ sampling: { overall: 101, client: -1, random: 'many' } }),
    ['sampling.random', 'sampling.overall', 'sampling.client'],
  ],
  [
    'tags',
    with_({
      tags: [
        { name: 'a', literal: '' },
        { name: 'b', header: { name: 'x-b' } },
      ],
    }),
    [],
  ],
  [
    'tags with mistakes',
    with_({ tags: [{ name: 'a' }, { name: '', literal: 'x', header: { name: '' } }, { name: 'b', header: { name: 'x\ny' } }] }),
    ['tags[0]', 'tags[1].name', 'tags[1]', 'tags[1].header.name', 'tags[2].header.name'],
  ],
])('with %s', (_, conf, at) => {
  expect(fields(conf)).toEqual(at);
});
