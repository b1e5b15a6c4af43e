import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { CpError } from '../cp-error.ts';
import { type LogLevel, logLevels } from '../logging/logger.ts';

export type Command =
  | { readonly name: 'run'; readonly configFile: string | undefined; readonly logLevel: LogLevel }
  | { readonly name: 'migrate up'; readonly configFile: string | undefined }
  | { readonly name: 'version'; readonly detailed: boolean }
  | { readonly name: 'help' };

const configFile = { 'config-file': { type: 'string', short: 'c' } } as const;
const logLevel = { 'log-level': { type: 'string', default: 'info' } } as const;

/** @throws CpError `usage` */
export function parseCommand(args: readonly string[]): Command {
  const help = args.includes('--help') || args.includes('-h');
  const [first, ...rest] = args;
  if (help || first === undefined || first === 'help') return { name: 'help' };
  switch (first) {
    case 'run': {
      const values = parse(rest, { ...configFile, ...logLevel });
      return { name: 'run', configFile: values['config-file'], logLevel: readLevel(values['log-level']) };
    }
    case 'version':
    case '--version':
      return { name: 'version', detailed: parse(rest, { detailed: { type: 'boolean', short: 'a' } }).detailed ?? false };
    case 'migrate':
      if (rest[0] !== 'up') throw usage('migrate knows one thing to do: kuma-cp migrate up');
      return { name: 'migrate up', configFile: parse(rest.slice(1), { ...configFile, ...logLevel })['config-file'] };
    default:
      throw usage(`there is no command ${JSON.stringify(first)}`);
  }
}

function parse<Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function readLevel(level: string): LogLevel {
  const known = logLevels.find((each) => each === level);
  if (known === undefined)
    throw usage(`--log-level ${JSON.stringify(level)} is not valid; expected one of ${logLevels.join(', ')}`);
  return known;
}

function usage(message: string): CpError {
  return new CpError('usage', message, { hint: 'kuma-cp help shows what there is' });
}

export const helpText = `Control plane of the service mesh

Usage:
  kuma-cp run [-c FILE] [--log-level LEVEL]   serve until SIGTERM or SIGINT
  kuma-cp migrate up [-c FILE]                bring the store's schema up to this version
  kuma-cp version [-a]                        print the version
  kuma-cp help

Flags:
  -c, --config-file FILE   settings in YAML; environment variables win over them
      --log-level LEVEL    ${logLevels.join(', ')} (info)
  -a, --detailed           with what the program runs on
`;
