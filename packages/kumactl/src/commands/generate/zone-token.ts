import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class GenerateZoneToken extends BaseCommand {
  static override summary = 'Make a token for the ingress, egress or control plane of a zone';
  static override flags = {
    zone: Flags.string({ description: 'name of the zone', required: true }),
    scope: Flags.string({
      description: 'what the token is for, between commas',
      multiple: true,
      delimiter: ',',
      options: ['ingress', 'egress', 'cp'],
      default: ['ingress', 'egress'],
    }),
    'valid-for': Flags.string({ description: 'how long the token is valid, such as 720h', required: true }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(GenerateZoneToken);
    const body = { zone: flags.zone, scope: flags.scope, validFor: flags['valid-for'] };
    process.stdout.write(await this.client().post('/tokens/zone', body));
  }
}
