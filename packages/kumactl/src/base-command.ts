import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { CliError } from './cli-error.ts';
import { ApiClient } from './client/api-client.ts';
import { type ApiServer, configPath, defaultConfiguration, readConfiguration, selectContext } from './config/config-file.ts';

const outputFormats = ['table', 'yaml', 'json'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Flags of commands that show something. */
export const outputFlag = Flags.option({
  char: 'o',
  options: outputFormats,
  default: 'table' as const,
  description: 'output format',
});

export const meshFlag = Flags.string({ char: 'm', description: 'mesh to use; the one of the current context when absent' });

/** What all commands share: global flags, the configuration, and the way to the control plane. */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    'config-file': Flags.string({
      description: 'path to the configuration file (default ~/.kumactl/config)',
      helpGroup: 'GLOBAL',
    }),
    'no-config': Flags.boolean({
      description: 'use neither configuration file nor context',
      helpGroup: 'GLOBAL',
      default: false,
    }),
    context: Flags.string({ description: 'name of the context to use instead of the current one', helpGroup: 'GLOBAL' }),
    'api-timeout': Flags.string({
      description: 'longest wait for an answer of the control plane; 0 is no limit',
      helpGroup: 'GLOBAL',
      default: '1m',
    }),
    'log-level': Flags.string({
      description: 'debug shows each request to the control plane',
      options: ['off', 'info', 'debug'],
      helpGroup: 'GLOBAL',
      default: 'off',
    }),
  };

  protected globals!: { configFile: string; noConfig: boolean; context: string | undefined; timeout: number; debug: boolean };

  protected override async init(): Promise<void> {
    await super.init();
    const { flags, raw } = await this.parse(this.ctor);
    refuseEmpty(raw);
    const timeout = milliseconds(flags['api-timeout']);
    this.globals = {
      configFile: configPath(flags['config-file']),
      noConfig: flags['no-config'],
      context: flags.context,
      timeout,
      debug: flags['log-level'] === 'debug',
    };
  }

  /** Errors are printed in one place, `report-error.ts`. */
  protected override async catch(error: Error): Promise<never> {
    throw error;
  }

  protected target(): { server: ApiServer; defaultMesh: string } {
    const configuration = this.globals.noConfig ? defaultConfiguration : readConfiguration(this.globals.configFile);
    const { context, server } = selectContext(configuration, this.globals.noConfig ? undefined : this.globals.context);
    return { server, defaultMesh: context.defaults?.mesh || 'default' };
  }

  protected client(): ApiClient {
    const trace = this.globals.debug ? (line: string) => process.stderr.write(`${line}\n`) : undefined;
    const stale = (seconds: number) =>
      this.printWarning(`the control plane does not reach its database now: what it shows is ${seconds} s old`);
    return new ApiClient(this.target().server, this.globals.timeout, { trace, stale });
  }

  protected mesh(flag: string | undefined): string {
    return flag ?? this.target().defaultMesh;
  }

  /** Results go to stdout. */
  protected print(text: string): void {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  protected printWarning(text: string): void {
    process.stderr.write(`Warning: ${text}\n`);
  }
}

/** What a shell makes of a variable that is not set must not mean all, or any. */
const mayNotBeEmpty: readonly string[] = ['name', 'mesh', 'workload', 'zone', 'file'];

function refuseEmpty(
  raw: readonly { readonly type: string; readonly input: string | null; readonly flag?: string; readonly arg?: string }[],
): void {
  for (const { type, input, flag, arg } of raw) {
    if (input !== '' || (type === 'flag' && !mayNotBeEmpty.includes(flag!))) continue;
    const what = type === 'flag' ? `--${flag}` : (arg ?? 'an argument').toUpperCase();
    throw new CliError({ code: 'ARGUMENT_EMPTY', message: `${what} is empty` });
  }
}

const unitMilliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function milliseconds(text: string): number {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw new CliError({
      code: 'FLAG_INVALID',
      message: `--api-timeout "${text}" is not a duration`,
      hint: 'write it like 30s or 1m30s',
    });
  }
  return parts.reduce((sum, part) => sum + Number(part[1]) * unitMilliseconds[part[2]!]!, 0);
}
