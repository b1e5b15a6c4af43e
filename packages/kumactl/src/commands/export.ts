import type { KindDescriptor } from '@kuma-mesh/core-model/resources/kind.ts';
import { kindByName, kinds } from '@kuma-mesh/core-model/resources/registry.ts';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.ts';
import type { ApiClient } from '../client/api-client.ts';
import { pathOf } from '../client/kinds.ts';
import { listAll } from '../client/list-all.ts';
import type { ApiResource } from '../output/resource-columns.ts';
import { structured } from '../output/structured.ts';

/** What the control plane computes again by itself. */
const computedFields = ['creationTime', 'modificationTime', 'kri', 'status', 'snis'];

/** Which kinds each takes; secrets of kinds for federation are needed there. */
const profiles = {
  federation: (kind: KindDescriptor) => kind.includeInFederation && kind.policy === undefined,
  'federation-with-policies': (kind: KindDescriptor) => kind.includeInFederation,
  'no-dataplanes': (kind: KindDescriptor, secrets: boolean) => kind.name !== 'Dataplane' && (secrets || !isSecret(kind)),
  all: (kind: KindDescriptor, secrets: boolean) => secrets || !isSecret(kind),
} as const;
type Profile = keyof typeof profiles;

export default class Export extends BaseCommand {
  static override summary = 'Print all resources in a form that `apply` reads';
  static override description =
    'Meshes come first, keys that sign tokens of users last. With secrets, the output is as sensitive as they are.';
  static override flags = {
    profile: Flags.string({
      char: 'p',
      description:
        'federation (what a global control plane needs of this one, without policies but with secrets), ' +
        'federation-with-policies, no-dataplanes or all',
      options: Object.keys(profiles),
      default: 'federation',
    }),
    format: Flags.string({
      char: 'f',
      description: 'for kumactl (universal) or for kubectl (kubernetes)',
      options: ['universal', 'kubernetes'],
      default: 'universal',
    }),
    'include-admin': Flags.boolean({
      char: 'a',
      description: 'with profiles other than those for federation, export secrets too',
      aliases: ['include-secrets'],
      default: false,
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Export);
    const client = this.client();
    const isWanted = profiles[flags.profile as Profile];
    const wanted = kinds.filter((kind) => !kind.readOnly && isWanted(kind, flags['include-admin']));
    const resources: ApiResource[] = [];
    for (const { path } of wanted) resources.push(...(await listAll<ApiResource>(client, `/${path}`)).items);
    const ordered = resources.toSorted((left, right) => rank(left) - rank(right));
    const documents: string[] = [];
    for (const resource of ordered) {
      const shown = flags.format === 'kubernetes' ? await forKubernetes(resource, client) : forUniversal(resource);
      documents.push(structured(shown, 'yaml'));
    }
    this.print(documents.join('---\n'));
  }
}

function isSecret(kind: Pick<KindDescriptor, 'name'>): boolean {
  return kind.name.endsWith('Secret');
}

/** Once a key that signs tokens of users is another one, whoever applies the rest is not known any more. */
function rank({ type, name }: ApiResource): number {
  if (type === 'GlobalSecret' && name.startsWith('user-token-signing-key')) return 3;
  return type === 'Mesh' ? 0 : isSecret({ name: type }) ? 1 : 2;
}

// The defaults of a mesh are exported themselves.
const withoutDefaults = { skipCreatingInitialPolicies: ['*'] };

function forUniversal(item: ApiResource): Readonly<Record<string, unknown>> {
  const kept = Object.fromEntries(Object.entries(item).filter(([field]) => !computedFields.includes(field)));
  return item.type === 'Mesh' ? { ...kept, ...withoutDefaults } : kept;
}

async function forKubernetes({ type, mesh, name }: ApiResource, client: ApiClient): Promise<Readonly<Record<string, unknown>>> {
  const path = pathOf(kindByName(type)!, mesh ?? '', name);
  const { status: _, ...object } = await client.getJson<KubernetesObject>(`${path}?format=kubernetes`);
  const { creationTimestamp: __, ...metadata } = object.metadata;
  const shown = { ...object, metadata };
  return type === 'Mesh' ? { ...shown, spec: { ...object.spec, ...withoutDefaults } } : shown;
}

interface KubernetesObject {
  readonly metadata: { readonly creationTimestamp?: string };
  readonly spec?: object;
  readonly status?: object;
}
