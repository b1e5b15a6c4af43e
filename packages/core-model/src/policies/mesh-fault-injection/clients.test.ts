import { expect, test } from 'vitest';
import { senderTags } from '../../dataplane/sender-tags.ts';
import { clientOf } from './clients.ts';

const byLabels = { kind: 'MeshService', labels: { app: 'web' } } as const;

test('nobody is a service by its labels, where certificates tell who somebody is', () => {
  expect(clientOf(byLabels, undefined, { mesh: 'default', tls: 'strict' })).toEqual({
    kind: 'certificate',
    match: { kind: 'tag', tag: 'kuma.io/service', value: '', mesh: 'default' },
  });
});

test('nobody is a service by its labels, where requests tell it', () => {
  const client = clientOf(byLabels, undefined, { mesh: 'default', tls: 'off' });
  const patterns = client?.kind === 'header' ? client.patterns : [];
  const header = senderTags([{ 'kuma.io/service': 'web' }, { 'kuma.io/service': 'api' }]);
  expect(patterns.map((pattern) => new RegExp(`^${pattern}$`).test(header))).toEqual([false]);
});
