export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

/**
 * A JSON value as YAML in block style. A thousand sidecars ask for their bootstrap at once after an outage: this takes a
 * tenth of the time of a library that keeps comments, anchors and tags in mind.
 */
export function toYaml(value: Json): string {
  return `${block(value, '')}\n`;
}

/** What follows a key or a dash, on the same line or on lines of its own. */
function block(value: Json, indent: string): string {
  if (typeof value === 'string') return text(value, indent);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : value.map((item) => `- ${nested(item, indent)}`).join(`\n${indent}`);
  const fields = Object.entries(value);
  if (fields.length === 0) return '{}';
  return fields.map(([key, field]) => `${word(key)}:${afterKey(field, indent)}`).join(`\n${indent}`);
}

function nested(item: Json, indent: string): string {
  return block(item, `${indent}  `);
}

function afterKey(field: Json, indent: string): string {
  const deeper = `${indent}  `;
  const filled = typeof field === 'object' && field !== null && Object.keys(field).length > 0;
  return filled ? `\n${deeper}${block(field, deeper)}` : ` ${block(field, deeper)}`;
}

/** Unmistakably a string to YAML 1.1 and 1.2 alike, beginning with a letter or a slash. */
const plain = /^[A-Za-z/_][\w./-]*$/;
const otherThings = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
/** Lines, the last one ended, that neither begin with a space nor hold anything but printable ASCII: PEM, templates. */
const lines = /^(?:[!-~][ -~]*\n)+$/;

function text(value: string, indent: string): string {
  if (!lines.test(value) || indent === '') return word(value);
  return `|\n${indent}${value.trimEnd().replaceAll('\n', `\n${indent}`)}`;
}

function word(value: string): string {
  return plain.test(value) && !otherThings.test(value) ? value : JSON.stringify(value);
}
