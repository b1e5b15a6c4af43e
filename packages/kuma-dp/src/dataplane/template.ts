const variable = /\{\{\s*([\w.-]+)\s*\}\}/g;

/** Puts values in the place of `{{ key }}`. @returns the text, and the keys that have no value */
export function fillTemplate(
  text: string,
  values: Readonly<Record<string, string>>,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing = new Set<string>();
  const filled = text.replace(variable, (whole, key: string) => {
    if (Object.hasOwn(values, key)) return values[key]!;
    missing.add(key);
    return whole;
  });
  return { text: filled, missing: [...missing] };
}
