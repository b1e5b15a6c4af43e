import { kinds } from '@kuma-mesh/core-model/resources/registry.ts';
import * as Args from '@oclif/core/args';
import { BaseCommand } from '../base-command.ts';
import { completionScript, type Shell } from '../output/completion-script.ts';

export default class Completion extends BaseCommand {
  static override summary = 'Print a script that completes kumactl in a shell';
  static override examples = ['source <(<%= config.bin %> completion bash)'];
  static override args = {
    shell: Args.string({ description: 'bash, zsh or fish', options: ['bash', 'zsh', 'fish'], required: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const commands = this.config.commands.map((command) => ({
      words: command.id.split(':'),
      flags: Object.keys(command.flags).map((flag) => `--${flag}`),
      arguments:
        command.id === 'get'
          ? kinds.map((kind) => kind.path)
          : command.id === 'delete'
            ? kinds.map((kind) => kind.name.toLowerCase())
            : [],
    }));
    this.print(completionScript(args.shell as Shell, commands));
  }
}
