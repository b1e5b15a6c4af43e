import * as Args from '@oclif/core/args';
import { BaseCommand, meshFlag } from '../base-command.ts';
import { CliError } from '../cli-error.ts';
import { kindForWord, pathOf } from '../client/kinds.ts';
import { noKind } from '../client/no-kind.ts';

export default class Delete extends BaseCommand {
  static override summary = 'Delete one resource';
  static override examples = ['<%= config.bin %> delete meshtrafficpermission allow-web'];
  static override args = {
    kind: Args.string({ description: 'kind of the resource, such as meshtimeout', required: true }),
    name: Args.string({ description: 'its name', required: true }),
  };
  static override flags = { mesh: meshFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Delete);
    const client = this.client();
    const kind = await kindForWord(args.kind, client);
    if (!kind) throw new CliError({ code: 'KIND_UNKNOWN', message: noKind(args.kind) });
    const warnings = await client.delete(pathOf(kind, this.mesh(flags.mesh), args.name));
    this.print(`deleted ${kind.name} "${args.name}"`);
    for (const warning of warnings) this.printWarning(warning);
  }
}
