import * as Args from '@oclif/core/args';
import { BaseCommand, meshFlag, outputFlag } from '../../base-command.ts';
import { CliError } from '../../cli-error.ts';
import { kindForWord, pathOf } from '../../client/kinds.ts';
import { listAll } from '../../client/list-all.ts';
import { noKind } from '../../client/no-kind.ts';
import { structured } from '../../output/structured.ts';
import { formatTable } from '../../output/table.ts';

interface SelectedDataplane {
  readonly mesh: string;
  readonly name: string;
}

export default class Inspect extends BaseCommand {
  static override summary = 'Show which proxies a policy selects';
  static override examples = ['<%= config.bin %> inspect meshtimeout mesh-timeout-all-default'];
  static override args = {
    policy: Args.string({ description: 'kind of the policy, such as meshtimeout' }),
    name: Args.string({ description: 'its name' }),
  };
  static override flags = { mesh: meshFlag, output: outputFlag() };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Inspect);
    if (args.policy === undefined) return this.config.runCommand('help', ['inspect']);
    const client = this.client();
    const kind = await kindForWord(args.policy, client);
    if (kind?.scope !== 'Mesh') {
      const message = kind ? `there is no policy kind "${args.policy}"` : noKind(args.policy);
      throw new CliError({ code: 'KIND_UNKNOWN', message });
    }
    if (args.name === undefined) {
      throw new CliError({
        code: 'ARGUMENT_MISSING',
        message: `inspect ${args.policy} needs the name of a ${kind.name}`,
        hint: `kumactl get ${kind.path}`,
      });
    }
    const selected = await listAll<SelectedDataplane>(
      client,
      `${pathOf(kind, this.mesh(flags.mesh), args.name)}/_resources/dataplanes`,
    );
    if (flags.output !== 'table') return this.print(structured(selected, flags.output));
    this.print(
      formatTable(
        ['MESH', 'NAME'],
        selected.items.map((item) => [item.mesh, item.name]),
      ),
    );
  }
}
