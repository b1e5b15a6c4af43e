import { type TemplateIr, template } from '../../ir/index.ts';
import { type LoggedTraffic, placeholders } from './placeholders.ts';
import { parseTemplate } from './template.ts';

/** A format for some traffic: what the mesh knows is filled in, the rest is left to the proxy. */
export function render(format: string, traffic: LoggedTraffic): TemplateIr {
  const parts = parseTemplate(format).map((token) =>
    token.kind === 'operator' ? (placeholders.get(token.name)?.(traffic) ?? token) : token,
  );
  return template(parts);
}
