import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../base-command.ts';
import { CliError } from '../../cli-error.ts';
import { selfSigned } from '../../input/self-signed.ts';
import { writeFiles } from '../../write-files.ts';

export default class GenerateTlsCertificate extends BaseCommand {
  static override summary = 'Make a key and a self-signed certificate';
  static override examples = ['<%= config.bin %> generate tls-certificate --type=server --hostname=cp.example.com'];
  static override flags = {
    type: Flags.string({ description: 'server or client', options: ['server', 'client'], required: true }),
    hostname: Flags.string({
      description: 'host names or IP addresses of the server, between commas',
      multiple: true,
      delimiter: ',',
      aliases: ['cp-hostname'],
    }),
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
    const outputs = [
      { path: flags['key-file'], text: pair.key, mode: 0o600 },
      { path: flags['cert-file'], text: pair.certificate, mode: 0o644 },
    ];
    const files = outputs.filter(({ path }) => path !== '-');
    try {
      writeFiles(files);
    } catch (cause) {
      throw new CliError({ code: 'FILE_UNWRITABLE', message: `nothing was written: ${(cause as Error).message}`, cause });
    }
    for (const { path, text } of outputs) if (path === '-') this.print(text);
    if (files.length > 0) process.stderr.write(`Written: ${files.map(({ path }) => path).join(', ')}\n`);
  }
}
