import { Command } from '@oclif/core/command';
import { loadHelpClass } from '@oclif/core/help';

export default class Help extends Command {
  static override summary = 'Show what kumactl does, or one of its commands';
  static override examples = ['<%= config.bin %> help apply'];
  static override strict = false;

  async run(): Promise<void> {
    const HelpPages = await loadHelpClass(this.config);
    await new HelpPages(this.config, this.config.pjson.oclif.helpOptions).showHelp([...this.argv]);
  }
}
