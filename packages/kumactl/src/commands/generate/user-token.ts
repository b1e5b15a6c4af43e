import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { CliError } from '../../cli-error.ts';
import { signUserToken } from '../../input/offline-token.ts';
import { readSigningKey } from '../../input/signing-key.ts';

export default class GenerateUserToken extends BaseCommand {
  static override summary = 'Make a token for a person or a script';
  static override examples = ['<%= config.bin %> generate user-token --name ci --group mesh-system:admin --valid-for 24h'];
  static override flags = {
    name: Flags.string({ description: 'name of the user', required: true }),
    group: Flags.string({ description: 'groups of the user, between commas', multiple: true, delimiter: ',' }),
    'valid-for': Flags.string({ description: 'how long the token is valid, such as 24h', required: true }),
    kid: Flags.string({ description: 'id of the signing key, with --signing-key-path' }),
    'signing-key-path': Flags.string({ description: 'sign here with this PEM file instead of asking the control plane' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(GenerateUserToken);
    const { name, group } = flags;
    if (flags['signing-key-path'] === undefined) {
      if (flags.kid !== undefined) throw new CliError({ code: 'FLAG_INVALID', message: '--kid needs --signing-key-path' });
      const body = { name, ...(group ? { groups: group } : {}), validFor: flags['valid-for'] };
      process.stdout.write(await this.client().post('/tokens/user', body));
      return;
    }
    if (flags.kid === undefined)
      throw new CliError({ code: 'FLAG_INVALID', message: '--signing-key-path needs --kid, the id of that key' });
    const key = readSigningKey(flags['signing-key-path']);
    process.stdout.write(signUserToken({ name, groups: group ?? null, validFor: flags['valid-for'], kid: flags.kid, key }));
  }
}
