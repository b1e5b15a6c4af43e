import { completionScript, type Shell, shells } from './cli/completion.ts';
import { helpText } from './cli/help.ts';
import { parseFlags } from './cli/parse-flags.ts';
import { runFlags } from './cli/run-flags.ts';
import { waitFlags } from './cli/wait-flags.ts';
import { DpError } from './dp-error.ts';
import { program } from './program.ts';

const summaries = {
  run: 'Run a sidecar: an Envoy, configured by the control plane',
  wait: 'Wait until a sidecar is ready',
  version: 'Print the version',
  completion: `Print a completion script (${shells.join(', ')})`,
} as const;

const usage = [
  'Data plane of the service mesh: runs and supervises an Envoy beside a service',
  '',
  'Usage: kuma-dp COMMAND [flags]',
  '',
  ...Object.entries(summaries).map(([name, summary]) => `  ${name.padEnd(12)}${summary}`),
  '',
  'kuma-dp COMMAND --help tells of its flags.',
  '',
].join('\n');

/** @returns the exit status */
async function main([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case 'run':
      return runCommand(args);
    case 'wait':
      return waitCommand(args);
    case 'version':
      return versionCommand(args);
    case 'completion':
      return completionCommand(args);
    case '--version':
      return versionCommand([]);
    case undefined:
    case 'help':
    case '-h':
    case '--help':
      process.stdout.write(usage);
      return 0;
    default:
      return complain([`unknown command ${JSON.stringify(command)}`], 'kuma-dp --help lists the commands.');
  }
}

async function runCommand(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(runFlags, args, process.env);
  if (parsed.help) {
    process.stdout.write(helpText('run', summaries.run, runFlags));
    return 0;
  }
  // What only this command needs is loaded only for it.
  const { checkRunSettings } = await import('./settings/run-settings.ts');
  const checked = checkRunSettings(parsed);
  if (!checked.ok) return complain(checked.problems, 'kuma-dp run --help tells of the flags.');
  const [{ createLogger }, { run }, { unknownVariables }] = await Promise.all([
    import('./log/logger.ts'),
    import('./run.ts'),
    import('./settings/unknown-variables.ts'),
  ]);
  const logger = createLogger(checked.settings.logLevel);
  for (const warning of [...checked.warnings, ...unknownVariables(runFlags, process.env)]) logger.warn(warning);
  try {
    await run(checked.settings, logger);
    return 0;
  } catch (error) {
    if (!(error instanceof DpError)) throw error;
    // Silenced logs must not silence why the program ended.
    if (logger.isLevelEnabled('fatal')) logger.fatal({ code: error.code, hint: error.hint }, error.message);
    else complain([error.message], error.hint);
    return 1;
  }
}

async function waitCommand(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(waitFlags, args, process.env);
  if (parsed.help) {
    process.stdout.write(helpText('wait', summaries.wait, waitFlags));
    return 0;
  }
  if (parsed.problems.length > 0) return complain(parsed.problems, 'kuma-dp wait --help tells of the flags.');
  const { waitUntilReady } = await import('./wait.ts');
  try {
    await waitUntilReady(parsed.values);
    return 0;
  } catch (error) {
    if (!(error instanceof DpError)) throw error;
    return complain([error.message], error.hint);
  }
}

function versionCommand(args: readonly string[]): number {
  const parsed = parseFlags({ detailed: { name: 'detailed', env: [], kind: 'boolean', default: 'false', doc: '' } }, args, {});
  if (parsed.problems.length > 0) return complain(parsed.problems);
  const details = `Runs on:  Node.js ${process.version}, ${process.platform}-${process.arch}\n`;
  process.stdout.write(`${program.name} ${program.version}\n${parsed.values.detailed ? details : ''}`);
  return 0;
}

function completionCommand([shell, ...rest]: readonly string[]): number {
  if (rest.length > 0 || !shells.includes(shell as Shell)) {
    return complain([`kuma-dp completion takes one of ${shells.join(', ')}`]);
  }
  process.stdout.write(completionScript(shell as Shell, { run: runFlags, wait: waitFlags, version: {}, completion: {} }));
  return 0;
}

function complain(problems: readonly string[], hint?: string): number {
  const lines =
    problems.length === 1 ? `Error: ${problems[0]}\n` : `Error:\n${problems.map((problem) => `  ${problem}\n`).join('')}`;
  process.stderr.write(`${lines}${hint ? `${hint}\n` : ''}`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
