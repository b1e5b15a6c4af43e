import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';
import { CliError } from '../../../cli-error.ts';
import { changeConfiguration } from '../../../config/config-file.ts';

export default class ConfigControlPlanesRemove extends BaseCommand {
  static override summary = 'Remove a control plane from the configuration';
  static override flags = { name: Flags.string({ description: 'name of the control plane', required: true }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(ConfigControlPlanesRemove);
    await changeConfiguration(this.globals.configFile, (configuration) => {
      if (!configuration.controlPlanes.some((each) => each.name === flags.name)) {
        throw new CliError({
          code: 'CONTROL_PLANE_UNKNOWN',
          message: `there is no control plane "${flags.name}"`,
          hint: 'kumactl config control-planes list',
        });
      }
      const contexts = configuration.contexts.filter((context) => context.controlPlane !== flags.name);
      const stillThere = contexts.some((context) => context.name === configuration.currentContext);
      return {
        controlPlanes: configuration.controlPlanes.filter((each) => each.name !== flags.name),
        contexts,
        currentContext: stillThere ? configuration.currentContext : (contexts[0]?.name ?? ''),
      };
    });
    this.print(`removed Control Plane "${flags.name}"`);
  }
}
