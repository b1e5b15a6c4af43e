import type { PolicyNames } from './names.ts';

/** The ordered list of policies with one more at its end. */
export function withPolicy(source: string, { camel, kebab }: PolicyNames): string {
  const line = `import { ${camel} } from './${kebab}/apply.ts';`;
  const imports = source.match(/^import \{ mesh.*$/gm) ?? [];
  const open = source.indexOf('= [', source.indexOf('export const policies'));
  const end = source.indexOf('];', open);
  if (imports.length === 0 || open < 0 || end < 0)
    throw new Error('packages/core-model/src/policies/index.ts no longer has the form that new-policy knows');
  const withItem = `${source.slice(0, end)}  ${camel},\n${source.slice(end)}`;
  // Sorted as the formatter sorts: by path.
  const path = (text: string) => text.slice(text.indexOf("'./"));
  const after = imports.findLast((other) => path(other) < path(line));
  return after ? withItem.replace(after, `${after}\n${line}`) : withItem.replace(imports[0]!, `${line}\n${imports[0]}`);
}
