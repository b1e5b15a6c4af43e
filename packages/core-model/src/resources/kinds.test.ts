/** Rules of the single kinds, each as the smallest resource that breaks one of them. */
import { describe, expect, test } from 'vitest';
import { parseResource } from './parse.ts';

function fields(json: object): string[] {
  const parsed = parseResource(json, { defaultMesh: 'default' });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

type Cases = [string, object, string[]][];

describe('Mesh', () => {
  const backend = (fields: object) => ({ mtls: { backends: [{ name: 'ca-1', type: 'builtin', ...fields }] } });
  const provided = (conf: unknown) => backend({ type: 'provided', conf });
  const cases: Cases = [
    ['nothing but a name', {}, []],
    [
      'everything',
      {
        mtls: {
          enabledBackend: 'ca-1',
          backends: [
            {
              name: 'ca-1',
              type: 'builtin',
              mode: 'PERMISSIVE',
              dpCert: { rotation: { expiration: '1d' }, requestTimeout: '10s' },
              conf: { caCert: { RSAbits: 2048, expiration: '10y' } },
            },
            { name: 'ca-2', type: 'provided', conf: { cert: { secret: 'a' }, key: { inline: 'QUJD' } } },
          ],
        },
        networking: { outbound: { passthrough: false } },
        routing: { zoneEgress: true, localityAwareLoadBalancing: true },
        meshServices: { mode: 'Exclusive' },
        constraints: { dataplaneProxy: { requirements: [{ tags: { 'kuma.io/zone': 'east', team: '*' } }] } },
        skipCreatingInitialPolicies: ['*'],
        metrics: { enabledBackend: 'p', backends: [{ name: 'p', type: 'prometheus', conf: { port: 5670 } }] },
      },
      [],
    ],
    ['a name too long for a label', { name: 'a'.repeat(64) }, ['name']],
    [
      'an unknown backend',
      { mtls: { enabledBackend: 'ca-2', backends: [{ name: 'ca-1', type: 'builtin' }] } },
      ['mtls.enabledBackend'],
    ],
    ['an enabled backend among none', { mtls: { enabledBackend: 'ca-1' } }, ['mtls.enabledBackend']],
    [
      'a backend twice',
      {
        mtls: {
          backends: [
            { name: 'a', type: 'builtin' },
            { name: 'a', type: 'builtin' },
          ],
        },
      },
      ['mtls.backends[1].name'],
    ],
    ['an unknown type of backend', backend({ type: 'vault' }), ['mtls.backends[0].type']],
    ['a backend without type', { mtls: { backends: [{ name: 'a' }] } }, ['mtls.backends[0].type']],
    ['an unknown mode', backend({ mode: 'strict' }), ['mtls.backends[0].mode']],
    [
      'no life of certificates',
      backend({ dpCert: { rotation: { expiration: '0s' } } }),
      ['mtls.backends[0].dpCert.rotation.expiration'],
    ],
    [
      'an unreadable life',
      backend({ dpCert: { rotation: { expiration: '1 day' } } }),
      ['mtls.backends[0].dpCert.rotation.expiration'],
    ],
    ['a misspelled setting', backend({ conf: { caCert: { rsabit: 2048 } } }), ['mtls.backends[0].conf.caCert.rsabit']],
    ['weak keys', backend({ conf: { caCert: { rsaBits: 1024 } } }), ['mtls.backends[0].conf.caCert.rsaBits']],
    [
      'an unreadable life of the authority',
      backend({ conf: { caCert: { expiration: 10 } } }),
      ['mtls.backends[0].conf.caCert.expiration'],
    ],
    ['no settings of a provided backend', provided(undefined), ['mtls.backends[0].conf']],
    ['no key', provided({ cert: { secret: 'a' } }), ['mtls.backends[0].conf.key']],
    ['two places of a key', provided({ cert: { secret: 'a' }, key: { secret: 'a', file: '/b' } }), ['mtls.backends[0].conf.key']],
    ['no place of a key', provided({ cert: { secret: 'a' }, key: {} }), ['mtls.backends[0].conf.key']],
    ['text as base64', provided({ cert: { inline: '---' }, key: { file: '/b' } }), ['mtls.backends[0].conf.cert.inline']],
    [
      'a rule without tags',
      { constraints: { dataplaneProxy: { restrictions: [{}] } } },
      ['constraints.dataplaneProxy.restrictions[0].tags'],
    ],
  ];
  test.each(cases)('with %s', (_, mesh, at) => {
    expect(fields({ type: 'Mesh', name: 'default', ...mesh })).toEqual(at);
  });

  test('never shows inline keys', () => {
    const parsed = parseResource({
      type: 'Mesh',
      name: 'default',
      ...provided({ cert: { inline: 'TOP SECRET' }, key: { inlineString: 5 } }),
    });
    expect(JSON.stringify(parsed.ok || parsed.problems)).not.toContain('TOP');
  });
});

describe('Dataplane', () => {
  const tags = { 'kuma.io/service': 'web', 'kuma.io/protocol': 'http' };
  const base = { address: '10.0.0.1', inbound: [{ port: 8080, tags }] };
  const cases: Cases = [
    ['an inbound', base, []],
    ['IPv6 and a name', { ...base, address: '::1', advertisedAddress: 'web.example.com' }, []],
    [
      'outbounds',
      {
        ...base,
        outbound: [
          { port: 10001, tags: { 'kuma.io/service': 'db' } },
          { port: 10002, backendRef: { kind: 'MeshService', name: 'db', port: 80 } },
        ],
      },
      [],
    ],
    ['a delegated gateway', { address: '10.0.0.1', gateway: { type: 'DELEGATED', tags: { 'kuma.io/service': 'edge' } } }, []],
    [
      'a built-in gateway',
      { address: '10.0.0.1', gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'edge' } } },
      ['networking.gateway.type'],
    ],
    ['no address', { inbound: base.inbound }, ['networking.address']],
    ['a bad address', { ...base, address: '10.0.0.256' }, ['networking.address']],
    ['an address that is none', { ...base, address: '0.0.0.0' }, ['networking.address']],
    ['nothing to take or to pass', { address: '10.0.0.1' }, ['networking']],
    ['a gateway that is none', { ...base, gateway: { tags: { 'kuma.io/service': 'edge' } } }, ['networking.inbound']],
    ['a gateway without service', { address: '10.0.0.1', gateway: {} }, ['networking.gateway.tags["kuma.io/service"]']],
    ['no service', { ...base, inbound: [{ port: 80 }] }, ['networking.inbound[0].tags["kuma.io/service"]']],
    ['no port', { ...base, inbound: [{ tags }] }, ['networking.inbound[0].port']],
    ['port 0', { ...base, inbound: [{ port: 0, tags }] }, ['networking.inbound[0].port']],
    [
      'an unknown protocol',
      { ...base, inbound: [{ port: 1, tags: { ...tags, 'kuma.io/protocol': 'htp' } }] },
      ['networking.inbound[0].tags["kuma.io/protocol"]'],
    ],
    [
      'an empty tag',
      { ...base, inbound: [{ port: 1, tags: { ...tags, version: '' } }] },
      ['networking.inbound[0].tags["version"]'],
    ],
    [
      'a tag with a blank',
      { ...base, inbound: [{ port: 1, tags: { ...tags, version: 'a b' } }] },
      ['networking.inbound[0].tags["version"]'],
    ],
    [
      'one port twice',
      {
        ...base,
        inbound: [
          { port: 1, tags },
          { port: 1, tags },
        ],
      },
      ['networking.inbound[1].port'],
    ],
    [
      'one name twice',
      {
        ...base,
        inbound: [
          { port: 1, name: 'a', tags },
          { port: 2, name: 'a', tags },
        ],
      },
      ['networking.inbound[1].name'],
    ],
    [
      'itself as its service',
      { ...base, inbound: [{ port: 1, serviceAddress: '10.0.0.1', tags }] },
      ['networking.inbound[0].serviceAddress'],
    ],
    [
      'a name as address of the service',
      { ...base, inbound: [{ port: 1, serviceAddress: 'web', tags }] },
      ['networking.inbound[0].serviceAddress'],
    ],
    ['an outbound to nowhere', { ...base, outbound: [{ port: 1 }] }, ['networking.outbound[0].tags["kuma.io/service"]']],
    [
      'two destinations',
      { ...base, outbound: [{ port: 1, tags, backendRef: { kind: 'MeshService', name: 'a', port: 1 } }] },
      ['networking.outbound[0].tags'],
    ],
    [
      'a destination that is none',
      { ...base, outbound: [{ port: 1, backendRef: { kind: 'Mesh', name: 'a' } }] },
      ['networking.outbound[0].backendRef.kind'],
    ],
    [
      'a MeshService without port',
      { ...base, outbound: [{ port: 1, backendRef: { kind: 'MeshService', name: 'a' } }] },
      ['networking.outbound[0].backendRef.port'],
    ],
    [
      'one outbound twice',
      {
        ...base,
        outbound: [
          { port: 1, tags },
          { port: 1, address: '127.0.0.1', tags },
        ],
      },
      ['networking.outbound[1].port'],
    ],
    ['an unknown field', { ...base, transparent_proxying: {} }, ['networking.transparent_proxying']],
  ];
  test.each(cases)('with %s', (_, networking, at) => {
    expect(fields({ type: 'Dataplane', name: 'web-1', networking })).toEqual(at);
  });
});

describe('Zone, HostnameGenerator, secrets', () => {
  const cases: Cases = [
    ['a zone', { type: 'Zone', name: 'east', enabled: false }, []],
    ['a zone with too long a name', { type: 'Zone', name: 'a'.repeat(64) }, ['name']],
    [
      'a generator',
      {
        type: 'HostnameGenerator',
        name: 'g',
        spec: { selector: { meshService: { matchLabels: { a: 'b' } } }, template: '{{ .Name }}.x' },
      },
      [],
    ],
    ['a generator of nothing', { type: 'HostnameGenerator', name: 'g' }, ['spec.selector', 'spec.template']],
    [
      'an open template',
      { type: 'HostnameGenerator', name: 'g', spec: { selector: { meshService: {} }, template: '{{ .Name }.x' } },
      ['spec.template'],
    ],
    ['a secret', { type: 'Secret', name: 's', data: 'QUI=' }, []],
    ['an empty secret', { type: 'Secret', name: 's' }, ['data']],
    ['a global secret', { type: 'GlobalSecret', name: 's', data: 'QUI=' }, []],
    ['an empty global secret', { type: 'GlobalSecret', name: 's', data: '' }, ['data']],
  ];
  test.each(cases)('%s', (_, json, at) => {
    expect(fields(json)).toEqual(at);
  });
});
