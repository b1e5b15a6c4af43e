import type { UserConfig } from 'tsdown';

type Plugin = Extract<UserConfig['plugins'], readonly unknown[]>[number];

/**
 * Writes what is not ASCII as escapes: a single character outside of Latin-1, in whatever library, makes V8 keep the whole
 * text of a bundle with two bytes for each of its characters.
 */
export function asciiOnly(): Plugin {
  return {
    name: 'ascii-only',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk') chunk.code = escaped(chunk.code);
    },
  };
}

/** Sound in strings, regular expressions, names and templates, but not in those of `String.raw`. */
function escaped(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
