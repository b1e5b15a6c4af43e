import { writeFileSync } from 'node:fs';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { CliError } from '../../cli-error.ts';
import { selfSigned } from '../../input/self-signed.ts';

export default class GenerateTlsCertificate extends BaseCommand {
  static override summary = 'Make a key and a self-signed certificate';
  static override examples = ['<%= config.bin %> generate tls-certificate --type=server --hostname=cp.example.com'];
  static override flags = {
    type: Flags.string({ description: 'server or client', options: ['server', 'client'], required: true }),
    hostname: Flags.string({ description: 'host name or IP address of the server', multiple: true, aliases: ['cp-hostname'] }),
    'cert-file': Flags.string({ description: 'where the certificate goes; - for standard output', default: 'cert.pem' }),
    'key-file': Flags.string({ description: 'where the private key goes; - for standard output', default: 'key.pem' }),
    'key-type': Flags.string({ description: 'rsa or ecdsa', options: ['rsa', 'ecdsa'], default: 'rsa' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(GenerateTlsCertificate);
    if (flags.type === 'server' && !flags.hostname) {
      throw new CliError({ code: 'FLAG_INVALID', message: '--type=server needs --hostname, at least once' });
    }
    const pair = await selfSigned({
      server: flags.type === 'server',
      hosts: flags.hostname ?? [],
      keyType: flags['key-type'] as 'rsa' | 'ecdsa',
    });
    this.#write(flags['key-file'], pair.key, 0o600);
    this.#write(flags['cert-file'], pair.certificate, 0o644);
    const files = [flags['key-file'], flags['cert-file']].filter((file) => file !== '-');
    if (files.length > 0) process.stderr.write(`Written: ${files.join(', ')}\n`);
  }

  #write(file: string, pem: string, mode: number): void {
    if (file === '-') {
      this.print(pem);
      return;
    }
    try {
      writeFileSync(file, pem, { mode });
    } catch (cause) {
      throw new CliError({ code: 'FILE_UNWRITABLE', message: `cannot write ${file}: ${(cause as Error).message}`, cause });
    }
  }
}
