import { formHint } from '@kuma-mesh/core-model/resources/parse.ts';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, meshFlag } from '../base-command.ts';
import { CliError } from '../cli-error.ts';
import type { ApiClient } from '../client/api-client.ts';
import { KindFinder } from '../client/kind-finder.ts';
import { pathOf, type ReachableKind } from '../client/kinds.ts';
import { type InputDocument, parseDocuments } from '../input/documents.ts';
import { withSecretsInlined } from '../input/mesh-secrets.ts';
import { parsePairs } from '../input/pairs.ts';
import { readInput } from '../input/read-input.ts';
import { validateDocument } from '../input/validate-document.ts';
import { structured } from '../output/structured.ts';

interface Target {
  readonly kind: ReachableKind;
  readonly mesh: string;
  readonly name: string;
  readonly document: InputDocument;
  /** Of a mesh that needs secrets of the same call: itself with their data, to be checked before they are there. */
  readonly complete?: Readonly<Record<string, unknown>>;
}

/** What the control plane says of documents that it would take. */
interface Checked {
  /** Meshes of theirs that it does not have yet. */
  readonly newMeshes: Set<string>;
  /** What it warns of, against what it has now; each with the document that it is about. */
  readonly warnings: readonly string[];
}

/** What is wrong with each document, each thing once, in their order. */
type ProblemsOf = ReadonlyMap<InputDocument, Set<string>>;

export default class Apply extends BaseCommand {
  static override summary = 'Create or update resources';
  static override description =
    'Reads YAML or JSON from files, folders, URLs or standard input. All documents are checked first; if one is wrong, nothing is applied.';
  static override examples = [
    '<%= config.bin %> apply -f mesh.yaml',
    'cat permission.yaml | <%= config.bin %> apply -f - --var service=web',
    '<%= config.bin %> apply -f policies/ --dry-run',
  ];
  static override flags = {
    file: Flags.string({ char: 'f', description: 'file, folder, URL, or - for standard input', multiple: true, required: true }),
    var: Flags.string({ char: 'v', description: 'key=value that replaces {{ key }}, or several between commas', multiple: true }),
    'dry-run': Flags.boolean({
      description: 'let the control plane check everything, write nothing, show the result and what it warns of',
      default: false,
    }),
    mesh: meshFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Apply);
    const inputs = (await Promise.all(flags.file.map((file) => readInput(file, this.globals.timeout)))).flat();
    const documents = parseDocuments(inputs, parsePairs('--var', flags.var));
    const client = this.client();
    const problems: ProblemsOf = new Map(documents.map((document) => [document, new Set()]));
    const targets = await this.#targets(documents, { client, mesh: flags.mesh, problems });
    const ordered = targets.map((target) => completed(target, targets)).toSorted((left, right) => rank(left) - rank(right));
    const { newMeshes, warnings } = await this.#check(ordered, client, problems);
    refuseIfAny(problems);
    if (flags['dry-run']) return this.#showDryRun(ordered, warnings);
    for (const mesh of ordered.filter(({ name, complete }) => complete && newMeshes.has(name))) {
      // Secrets live in a mesh, so it comes first without what needs them.
      const { mtls, ...plain } = mesh.document.value;
      await this.#put({ ...mesh, document: { ...mesh.document, value: plain } }, client);
      newMeshes.delete(mesh.name);
    }
    for (const target of ordered) await this.#put(target, client);
  }

  /** What the documents are, and what is wrong with them by themselves. */
  async #targets(
    documents: readonly InputDocument[],
    { client, mesh: meshFlagValue, problems }: { client: ApiClient; mesh: string | undefined; problems: ProblemsOf },
  ): Promise<readonly Target[]> {
    const kinds = new KindFinder(client);
    const targets: Target[] = [];
    for (const document of documents) {
      const { type, name, mesh } = document.value;
      const kind = await kinds.find(type);
      if (typeof kind === 'string') {
        problems.get(document)?.add(`type: ${kind}${formHint(document.value)}`);
        continue;
      }
      const target: Target = {
        kind,
        mesh: kind.scope === 'Mesh' ? (typeof mesh === 'string' && mesh !== '' ? mesh : this.mesh(meshFlagValue)) : '',
        name: String(name ?? ''),
        document,
      };
      for (const problem of validateDocument(document.value, target.mesh)) problems.get(document)?.add(problem);
      targets.push(target);
    }
    if (kinds.unreachable) refuseIfAny(problems);
    return targets;
  }

  /**
   * Adds what the control plane says against them. Where documents are wrong by themselves, that is told although it cannot
   * be asked.
   */
  async #check(targets: readonly Target[], client: ApiClient, problems: ProblemsOf): Promise<Checked> {
    try {
      const newMeshes = await absentMeshes(targets, client);
      return { newMeshes, warnings: await this.#ask(targets, { client, newMeshes, problems }) };
    } catch (error) {
      refuseIfAny(problems);
      throw error;
    }
  }

  /** The control plane's own checks, before the first write. Older control planes have no dry run: there each write is checked as it comes. */
  async #ask(
    targets: readonly Target[],
    { client, newMeshes, problems }: { client: ApiClient; newMeshes: ReadonlySet<string>; problems: ProblemsOf },
  ): Promise<readonly string[]> {
    const { features = [] } = await client.getJson<{ features?: readonly string[] }>('/');
    if (!features.includes('dry-run')) return [];
    const warnings: string[] = [];
    for (const target of targets) {
      if (target.name === '') continue;
      const inNewMesh = target.kind.scope === 'Mesh' && newMeshes.has(target.mesh);
      if (inNewMesh && !features.includes('dry-run-new-mesh')) continue;
      const query = inNewMesh ? 'dryRun=true&newMesh=true' : 'dryRun=true';
      try {
        const path = `${pathOf(target.kind, target.mesh, target.name)}?${query}`;
        const answer = await client.put(path, target.complete ?? body(target));
        warnings.push(...answer.warnings.map((warning) => `${target.document.source}: ${warning}`));
      } catch (error) {
        if (!(error instanceof CliError) || !error.code.startsWith('HTTP_4')) throw error;
        if (error.code === 'HTTP_401' || error.code === 'HTTP_403') throw error;
        const said = error.problems.length > 0 ? error.problems : [error.message];
        for (const problem of said) problems.get(target.document)?.add(problem);
      }
    }
    return warnings;
  }

  async #put(target: Target, client: ApiClient): Promise<void> {
    const { created, warnings } = await client.put(pathOf(target.kind, target.mesh, target.name), body(target));
    const mesh = target.kind.scope === 'Mesh' ? ` mesh="${target.mesh}"` : '';
    this.print(`resource type="${target.kind.name}"${mesh} name="${target.name}" ${created ? 'Created' : 'Updated'}`);
    for (const warning of warnings) this.printWarning(warning);
  }

  #showDryRun(targets: readonly Target[], warnings: readonly string[]): void {
    this.print(targets.map((target) => structured(body(target), 'yaml')).join('---\n'));
    for (const warning of warnings) this.printWarning(warning);
  }
}

/** A mesh, then other global kinds, then what lives in a mesh: one call sets up a whole mesh. */
function rank({ kind, complete }: Target): number {
  if (kind.name === 'Mesh') return complete ? 3 : 0;
  if (kind.scope === 'Global') return 1;
  return kind.name === 'Secret' ? 2 : 4;
}

function completed(target: Target, all: readonly Target[]): Target {
  if (target.kind.name !== 'Mesh') return target;
  const secrets = all.filter(({ kind, mesh }) => kind.name === 'Secret' && mesh === target.name);
  const data = new Map(secrets.map(({ name, document }) => [name, String(document.value.data ?? '')]));
  const complete = withSecretsInlined(target.document.value, data);
  return complete ? { ...target, complete } : target;
}

/** Meshes of these targets that the control plane does not have yet. */
async function absentMeshes(targets: readonly Target[], client: ApiClient): Promise<Set<string>> {
  const names = new Set(targets.filter(({ kind }) => kind.name === 'Mesh').map(({ name }) => name));
  for (const name of names) if (await client.findJson(`/meshes/${encodeURIComponent(name)}`)) names.delete(name);
  return names;
}

function body(target: Target): Readonly<Record<string, unknown>> {
  return target.kind.scope === 'Mesh' ? { ...target.document.value, mesh: target.mesh } : target.document.value;
}

function refuseIfAny(problems: ProblemsOf): void {
  const lines = [...problems].flatMap(([{ source }, found]) => [...found].map((problem) => `* ${source}: ${problem}`));
  if (lines.length > 0) throw new CliError({ code: 'RESOURCE_INVALID', message: `nothing was applied\n${lines.join('\n')}` });
}
