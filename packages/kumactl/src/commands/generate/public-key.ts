import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { CliError } from '../../cli-error.ts';

export default class GeneratePublicKey extends BaseCommand {
  static override summary = 'Show the public half of a signing key';
  static override flags = { 'signing-key-path': Flags.string({ description: 'PEM file of the signing key', required: true }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(GeneratePublicKey);
    try {
      this.print(createPublicKey(readFileSync(flags['signing-key-path'])).export({ type: 'pkcs1', format: 'pem' }).toString());
    } catch (cause) {
      throw new CliError({
        code: 'FILE_UNREADABLE',
        message: `cannot read a private key from ${flags['signing-key-path']}: ${(cause as Error).message}`,
        hint: 'kumactl generate signing-key --format=pem makes one',
        cause,
      });
    }
  }
}
