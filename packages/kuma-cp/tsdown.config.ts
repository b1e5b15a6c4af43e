import { defineConfig } from 'tsdown';

// Everything is bundled: the packed tarball has no dependencies, and less code means less resident memory.
export default defineConfig({
  // The worker is a file of its own beside the entry, where the pool that starts it looks for it.
  entry: { main: 'src/main.ts', 'signing-worker': 'src/identity/signing-worker.ts' },
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
