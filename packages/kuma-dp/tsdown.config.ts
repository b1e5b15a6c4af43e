import { defineConfig } from 'tsdown';

// Everything is bundled: the packed tarball has no dependencies, and less code means less resident memory.
export default defineConfig({
  entry: ['src/main.ts'],
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
});
