import { expect, it } from 'vitest';
import { withSecretsInlined } from './mesh-secrets.ts';

const mesh = (conf: object) => ({ type: 'Mesh', name: 'm', mtls: { enabledBackend: 'ca', backends: [{ name: 'ca', conf }] } });

it('puts the data of a secret where its name is', () => {
  const conf = { cert: { secret: 'c' }, key: { secret: 'k' } };
  const secrets = new Map([
    ['c', 'Yw=='],
    ['k', 'aw=='],
  ]);
  expect(withSecretsInlined(mesh(conf), secrets)).toEqual(mesh({ cert: { inline: 'Yw==' }, key: { inline: 'aw==' } }));
});

it('leaves a secret that is not given to the control plane', () => {
  const conf = { cert: { secret: 'c' }, key: { secret: 'elsewhere' } };
  expect(withSecretsInlined(mesh(conf), new Map([['c', 'Yw==']]))).toEqual(
    mesh({ cert: { inline: 'Yw==' }, key: { secret: 'elsewhere' } }),
  );
});

it.each([
  ['no mutual TLS', { type: 'Mesh', name: 'm' }],
  ['a file', mesh({ cert: { file: '/c' }, key: { file: '/k' } })],
  ['settings that are no object', { mtls: { backends: [7, { conf: 'x' }] } }],
])('says that a mesh with %s needs no secret', (_, value) => {
  expect(withSecretsInlined(value, new Map([['c', 'Yw==']]))).toBeUndefined();
});
