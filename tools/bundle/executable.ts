import type { UserConfig } from 'tsdown';

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
    outputOptions: { chunkFileNames: 'chunks/[name]-[hash].js' },
  };
}
