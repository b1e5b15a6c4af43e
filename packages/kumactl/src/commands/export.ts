import { kinds } from '@kuma-mesh/core-model/resources/registry.ts';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { ApiResource } from '../output/resource-columns.ts';
import { structured } from '../output/structured.ts';

/** What the control plane computes again by itself. */
const computedFields = ['creationTime', 'modificationTime', 'kri', 'status', 'snis'];

export default class Export extends BaseCommand {
  static override summary = 'Print all resources in a form that `apply` reads';
  static override description = 'Meshes come first. With secrets, the output is as sensitive as they are.';
  static override flags = {
    profile: Flags.string({
      description: 'federation (all but proxies and secrets of proxies) or all',
      options: ['federation', 'all'],
      default: 'federation',
    }),
    'include-secrets': Flags.boolean({ description: 'export secrets too', default: false }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Export);
    const client = this.client();
    const wanted = kinds.filter(
      (kind) =>
        !kind.readOnly &&
        (flags.profile === 'all' || kind.includeInFederation) &&
        (flags['include-secrets'] || !kind.name.endsWith('Secret')),
    );
    const ordered = wanted.toSorted((left, right) => rank(left.name) - rank(right.name));
    const documents: string[] = [];
    for (const kind of ordered) {
      for (const item of await allOf(client, `/${kind.path}`)) documents.push(structured(withoutComputed(item), 'yaml'));
    }
    this.print(documents.join('---\n'));
  }
}

function rank(kind: string): number {
  return kind === 'Mesh' ? 0 : kind.endsWith('Secret') ? 1 : 2;
}

function withoutComputed(item: ApiResource): Readonly<Record<string, unknown>> {
  const kept = Object.fromEntries(Object.entries(item).filter(([field]) => !computedFields.includes(field)));
  // The defaults of a mesh are exported themselves.
  return item.type === 'Mesh' ? { ...kept, skipCreatingInitialPolicies: ['*'] } : kept;
}

async function allOf(client: ApiClient, path: string): Promise<readonly ApiResource[]> {
  const items: ApiResource[] = [];
  for (;;) {
    const page = await client.getJson<{ items: readonly ApiResource[]; next: string | null }>(
      `${path}?size=1000&offset=${items.length}`,
    );
    items.push(...page.items);
    if (page.next === null || page.items.length === 0) return items;
  }
}
