import type { UserConfig } from 'tsdown';
import { asciiOnly } from './ascii-only.ts';

/**
 * How every executable is bundled: all in, so that the packed tarball has no dependencies, starts fast and stays small in
 * memory.
 */
export function executable(parts: Pick<UserConfig, 'entry' | 'hooks'>): UserConfig {
  return {
    ...parts,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    dts: false,
    deps: { alwaysBundle: [/.*/], onlyBundle: false },
    outDir: 'dist',
    clean: true,
    fixedExtension: false,
    minify: true,
    plugins: [asciiOnly()],
    outputOptions: { chunkFileNames: 'chunks/[name]-[hash].js' },
  };
}
