import { generateKeyPairSync } from 'node:crypto';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';

export default class GenerateSigningKey extends BaseCommand {
  static override summary = 'Make an RSA key that signs tokens';
  static override description =
    'Prints what the `data` of a Secret holds (base64 of PEM), or PEM for signing outside the control plane.';
  static override flags = {
    format: Flags.string({ description: 'der or pem', options: ['der', 'pem'], default: 'der' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(GenerateSigningKey);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    if (flags.format === 'pem') this.print(pem);
    else this.print(Buffer.from(pem).toString('base64'));
  }
}
