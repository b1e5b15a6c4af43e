import { globSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import { writeManifest } from './src/manifest.ts';

// One chunk a command: a call loads its own command and nothing of the others.
export default defineConfig({
  entry: ['src/main.ts', ...globSync('src/commands/**/*.ts', { exclude: ['**/*.test.ts'] })],
  format: 'esm',
  platform: 'node',
  target: 'node24',
  dts: false,
  deps: { alwaysBundle: [/.*/], onlyBundle: false },
  outDir: 'dist',
  clean: true,
  fixedExtension: false,
  minify: true,
  outputOptions: { chunkFileNames: 'chunks/[name]-[hash].js' },
  hooks: { 'build:done': () => writeManifest(import.meta.dirname) },
});
