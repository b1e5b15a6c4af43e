import { createPublicKey } from 'node:crypto';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { readSigningKey } from '../../input/signing-key.ts';

export default class GeneratePublicKey extends BaseCommand {
  static override summary = 'Show the public half of a signing key';
  static override flags = { 'signing-key-path': Flags.string({ description: 'PEM file of the signing key', required: true }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(GeneratePublicKey);
    const key = createPublicKey(readSigningKey(flags['signing-key-path']));
    this.print(key.export({ type: 'pkcs1', format: 'pem' }).toString());
  }
}
