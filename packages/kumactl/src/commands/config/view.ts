import { BaseCommand } from '../../base-command.ts';
import { readConfiguration } from '../../config/config-file.ts';
import { structured } from '../../output/structured.ts';

export default class ConfigView extends BaseCommand {
  static override summary = 'Show the configuration; tokens are hidden';

  async run(): Promise<void> {
    await this.parse(ConfigView);
    const configuration = readConfiguration(this.globals.configFile);
    const controlPlanes = configuration.controlPlanes.map((each) => {
      const { authConf, headers, ...server } = each.coordinates.apiServer;
      const apiServer = {
        ...server,
        ...(headers ? { headers: headers.map(({ key }) => ({ key, value: '***' })) } : {}),
        ...(authConf ? { authConf: Object.fromEntries(Object.keys(authConf).map((key) => [key, '***'])) } : {}),
      };
      return { name: each.name, coordinates: { apiServer } };
    });
    this.print(
      structured({ controlPlanes, contexts: configuration.contexts, currentContext: configuration.currentContext }, 'yaml'),
    );
  }
}
