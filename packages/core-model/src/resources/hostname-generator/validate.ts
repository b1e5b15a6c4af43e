import type { HostnameGenerator } from '../../generated/types/kuma/hostname_generator.ts';
import type { Problem } from '../resource.ts';

const selectors = ['meshService', 'meshExternalService', 'meshMultiZoneService'] as const;

export function validateHostnameGenerator({ selector, template }: HostnameGenerator): Problem[] {
  const problems: Problem[] = [];
  const chosen = selectors.filter((name) => selector?.[name] !== undefined);
  if (chosen.length !== 1)
    problems.push({ field: 'spec.selector', reason: `exactly one of ${selectors.join(', ')} must be set` });
  if (!template)
    problems.push({ field: 'spec.template', reason: 'must be set, for instance to {{ .DisplayName }}.svc.mesh.local' });
  else if (/\{\{|\}\}/.test(template.replace(/\{\{[^{}]*\}\}/g, ''))) {
    problems.push({ field: 'spec.template', reason: `every {{ must have its }}; got ${JSON.stringify(template)}` });
  }
  return problems;
}
