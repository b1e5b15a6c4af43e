import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.ts';
import { formatTable } from '../output/table.ts';

export default class Version extends BaseCommand {
  static override summary = 'Show the versions of kumactl and of the control plane';
  static override flags = {
    detailed: Flags.boolean({ char: 'a', description: 'show platform and instance too', default: false }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Version);
    const { version } = this.config;
    const server = await this.#server();
    if (!flags.detailed) {
      this.print(`Client: Kuma ${version}`);
      this.print(server ? `Server: ${server.product} ${server.version}` : 'Server: unable to reach the control plane');
      return;
    }
    const rows = [
      ['Client version', version],
      ['Node.js', process.version],
      ['Platform', `${process.platform}-${process.arch}`],
      ['Server', server ? `${server.product} ${server.version}` : 'unreachable'],
      ['Server instance', server?.instanceId ?? ''],
      ['Server cluster', server?.clusterId ?? ''],
    ];
    this.print(formatTable(['WHAT', 'VALUE'], rows));
  }

  async #server(): Promise<{ product: string; version: string; instanceId?: string; clusterId?: string } | undefined> {
    try {
      return await this.client().getJson('/');
    } catch {
      // A version must be had without a control plane.
      return undefined;
    }
  }
}
