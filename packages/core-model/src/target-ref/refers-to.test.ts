import { expect, test } from 'vitest';
import { resource } from '../testing/resources.ts';
import { refersTo } from './refers-to.ts';

const kind = 'MeshHTTPRoute';
const plain = { ...resource(kind, 'routes', {}), labels: { team: 'a' } };
const synchronized = { ...resource(kind, 'routes-4f2c', {}), labels: { 'kuma.io/display-name': 'routes' } };

test.each([
  ['a name', { name: 'routes' }, true, true],
  ['the name after synchronization', { name: 'routes-4f2c' }, false, true],
  ['a label', { labels: { team: 'a' } }, true, false],
  ['the display name', { labels: { 'kuma.io/display-name': 'routes' } }, true, true],
  ['the name after synchronization as display name', { labels: { 'kuma.io/display-name': 'routes-4f2c' } }, false, false],
  ['the display name and a label', { labels: { 'kuma.io/display-name': 'routes', team: 'b' } }, false, false],
])('a reference by %s finds what has it', (_, ref, findsPlain, findsSynchronized) => {
  expect(refersTo({ kind, ...ref }, plain)).toBe(findsPlain);
  expect(refersTo({ kind, ...ref }, synchronized)).toBe(findsSynchronized);
});
