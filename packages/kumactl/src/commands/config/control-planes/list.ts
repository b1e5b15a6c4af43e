import { BaseCommand } from '../../../base-command.ts';
import { readConfiguration } from '../../../config/config-file.ts';
import { formatTable } from '../../../output/table.ts';

export default class ConfigControlPlanesList extends BaseCommand {
  static override summary = 'List known control planes; the current one has a star';

  async run(): Promise<void> {
    await this.parse(ConfigControlPlanesList);
    const { controlPlanes, contexts, currentContext } = readConfiguration(this.globals.configFile);
    const current = contexts.find((context) => context.name === currentContext)?.controlPlane;
    const rows = controlPlanes.map(({ name, coordinates }) => [name === current ? '*' : ' ', name, coordinates.apiServer.url]);
    this.print(formatTable(['ACTIVE', 'NAME', 'ADDRESS'], rows));
  }
}
