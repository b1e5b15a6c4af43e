import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../../base-command.ts';
import { CliError } from '../../../cli-error.ts';
import { changeConfiguration } from '../../../config/config-file.ts';

export default class ConfigControlPlanesSwitch extends BaseCommand {
  static override summary = 'Make another control plane the current one';
  static override flags = { name: Flags.string({ description: 'name of the control plane', required: true }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(ConfigControlPlanesSwitch);
    await changeConfiguration(this.globals.configFile, (configuration) => {
      const context = configuration.contexts.find((each) => each.name === flags.name || each.controlPlane === flags.name);
      if (!context) {
        throw new CliError({
          code: 'CONTROL_PLANE_UNKNOWN',
          message: `there is no control plane "${flags.name}"`,
          hint: 'kumactl config control-planes list',
        });
      }
      return { ...configuration, currentContext: context.name };
    });
    this.print(`switched active Control Plane to "${flags.name}"`);
  }
}
