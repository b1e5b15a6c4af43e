import { globSync } from 'node:fs';
import { executable } from '../../tools/bundle/executable.ts';
import { writeManifest } from './src/manifest.ts';

// One chunk a command: a call loads its own command and nothing of the others.
export default executable({
  entry: ['src/main.ts', ...globSync('src/commands/**/*.ts', { exclude: ['**/*.test.ts'] })],
  hooks: { 'build:done': () => writeManifest(import.meta.dirname) },
});
