import { parseResource } from '@kuma-mesh/core-model/resources/parse.ts';
import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';

/** Checks a document of a kind that kumactl knows, without a control plane. @returns `field: reason` of every problem */
export function validateDocument(document: Readonly<Record<string, unknown>>, mesh: string): readonly string[] {
  const kind = kindByName(String(document.type));
  if (!kind) return [];
  const parsed = parseResource(kind.scope === 'Mesh' ? { ...document, mesh } : document);
  return parsed.ok ? [] : parsed.problems.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`));
}
