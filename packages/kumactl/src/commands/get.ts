import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, meshFlag, outputFlag } from '../base-command.ts';
import { CliError } from '../cli-error.ts';
import { kindForWord, pathOf } from '../client/kinds.ts';
import { noKind } from '../client/no-kind.ts';
import { type ApiResource, columnsOf } from '../output/resource-columns.ts';
import { structured } from '../output/structured.ts';
import { formatTable } from '../output/table.ts';

interface ResourceList {
  readonly total: number;
  readonly items: readonly ApiResource[];
  readonly next: string | null;
}

export default class Get extends BaseCommand {
  static override summary = 'Show resources: all of a kind, or one by name';
  static override examples = ['<%= config.bin %> get meshes', '<%= config.bin %> get dataplane web-1 -o yaml'];
  static override args = {
    kind: Args.string({ description: 'kind of resource, such as meshes, dataplane or mtp' }),
    name: Args.string({ description: 'name of one resource' }),
  };
  static override flags = {
    mesh: meshFlag,
    output: outputFlag(),
    size: Flags.integer({ description: 'how many to show at most', min: 1, max: 1000 }),
    offset: Flags.string({ description: 'how many to skip' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Get);
    if (args.kind === undefined) return this.config.runCommand('help', ['get']);
    const client = this.client();
    const kind = await kindForWord(args.kind, client);
    if (!kind) {
      throw new CliError({
        code: 'KIND_UNKNOWN',
        message: noKind(args.kind),
        hint: 'kumactl completion lists them; names are as in meshes, dataplanes, meshtimeouts, or short as in m, dp, mt',
      });
    }
    const mesh = this.mesh(flags.mesh);
    const columns = columnsOf(kind);
    if (args.name !== undefined) {
      const one = await client.getJson<ApiResource>(pathOf(kind, mesh, args.name));
      if (flags.output !== 'table') return this.print(structured(one, flags.output));
      return this.print(
        formatTable(
          columns.map((each) => each.header),
          [columns.map((each) => each.cell(one))],
        ),
      );
    }
    const list = await this.#list(`${pathOf(kind, mesh)}`, flags.size, flags.offset);
    if (flags.output !== 'table') return this.print(structured(list, flags.output));
    const rows = list.items.map((item) => columns.map((each) => each.cell(item)));
    this.print(
      formatTable(
        columns.map((each) => each.header),
        rows,
      ),
    );
    if (list.next)
      this.print(
        `\n${list.items.length} of ${list.total} shown; continue with --offset=${new URL(list.next).searchParams.get('offset')}`,
      );
  }

  async #list(path: string, size: number | undefined, offset: string | undefined): Promise<ResourceList> {
    const query = new URLSearchParams();
    if (size !== undefined) query.set('size', String(size));
    if (offset !== undefined) query.set('offset', offset);
    const text = query.toString();
    return this.client().getJson<ResourceList>(text === '' ? path : `${path}?${text}`);
  }
}
