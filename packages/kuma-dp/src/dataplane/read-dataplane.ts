import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { DpError } from '../dp-error.ts';
import type { RunSettings } from '../settings/run-settings.ts';
import { fillTemplate } from './template.ts';

/** Who this proxy is, and the resource to register where a template was given. */
export interface ProxyIdentity {
  readonly mesh: string;
  readonly name: string;
  /** The resource as JSON text. */
  readonly resource?: string;
}

type Settings = Pick<RunSettings, 'dataplane' | 'dataplaneFile' | 'dataplaneVars' | 'name' | 'mesh' | 'proxyType'>;

const typeOfProxy: Readonly<Record<string, string>> = { dataplane: 'Dataplane', ingress: 'ZoneIngress', egress: 'ZoneEgress' };

/**
 * Reads, fills and checks the template.
 * @throws DpError with every problem of it
 */
export async function readDataplane(settings: Settings): Promise<ProxyIdentity> {
  const template = settings.dataplane ?? (settings.dataplaneFile ? await readTemplate(settings.dataplaneFile) : undefined);
  if (template === undefined) return { mesh: settings.mesh ?? '', name: settings.name ?? '' };
  const source = settings.dataplane ? '--dataplane' : settings.dataplaneFile!;
  const filled = fillTemplate(template, settings.dataplaneVars ?? {});
  if (filled.missing.length > 0) {
    const flags = filled.missing.map((key) => `--dataplane-var ${key}=...`).join(' ');
    throw invalid(
      source,
      filled.missing.map((key) => `{{ ${key} }} has no value`),
      `Add ${flags}`,
    );
  }
  const resource = await parse(filled.text, source);
  const type = typeOfProxy[settings.proxyType]!;
  if (resource.type !== type) {
    throw invalid(source, [`type must be ${type} with --proxy-type ${settings.proxyType}, not ${JSON.stringify(resource.type)}`]);
  }
  if (type === 'Dataplane') {
    resource.mesh ??= 'default';
    const problems = await problemsOf(resource);
    if (problems.length > 0) throw invalid(source, problems);
  }
  return { mesh: String(resource.mesh ?? ''), name: String(resource.name ?? ''), resource: JSON.stringify(resource) };
}

async function readTemplate(path: string): Promise<string> {
  try {
    return path === '-' ? await text(process.stdin) : await readFile(path, 'utf8');
  } catch (cause) {
    throw new DpError({
      code: 'KUMA_DP_DATAPLANE_UNREADABLE',
      message: `The Dataplane template cannot be read: ${(cause as Error).message}`,
      hint: 'Correct --dataplane-file.',
      cause,
    });
  }
}

async function parse(yaml: string, source: string): Promise<Record<string, unknown>> {
  const { parseAllDocuments } = await import('yaml');
  const documents = [...parseAllDocuments(yaml, { merge: true })];
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0)
    throw invalid(
      source,
      errors.map((error) => error.message.split('\n')[0]!),
    );
  // A line of dashes at the beginning or the end makes an empty document, which says nothing.
  const values = valuesOf(documents, source).filter((value) => value !== null);
  const [value] = values;
  if (values.length !== 1) throw invalid(source, [`must be one resource; there are ${values.length}`]);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(source, ['must be one resource']);
  return { ...value };
}

/** Anchors are looked up only now. */
function valuesOf(documents: readonly { toJS(): unknown }[], source: string): readonly unknown[] {
  try {
    return documents.map((document) => document.toJS());
  } catch (error) {
    throw invalid(source, [(error as Error).message]);
  }
}

async function problemsOf(resource: unknown): Promise<string[]> {
  // The validators are large, and without a template nobody needs them.
  const { parseResource } = await import('@kuma-mesh/core-model/resources/parse.ts');
  const parsed = parseResource(resource, { type: 'Dataplane' });
  return parsed.ok ? [] : parsed.problems.map(({ field, reason }) => (field ? `${field}: ${reason}` : reason));
}

function invalid(source: string, problems: readonly string[], hint?: string): DpError {
  const list = problems.map((problem) => `\n  ${problem}`).join('');
  return new DpError({ code: 'KUMA_DP_DATAPLANE_INVALID', message: `The Dataplane in ${source} is not valid:${list}`, hint });
}
