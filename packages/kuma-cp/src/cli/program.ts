import manifest from '../../package.json' with { type: 'json' };
import { createLogger, type Logger } from '../logging/logger.ts';
import type { Settings } from '../settings/table/index.ts';
import { migrateStore } from '../store/open-store.ts';
import { helpText, parseCommand } from './arguments.ts';
import { describeFailure } from './failure.ts';
import { loadConfig } from './load-config.ts';
import { runUntilSignal } from './run-until-signal.ts';

export const version: string = manifest.version;

/** A control plane that is up. */
export interface Running {
  /** Ends all parts, the last one first. */
  close(): Promise<void>;
}

export type StartControlPlane = (settings: Settings, log: Logger) => Promise<Running>;

/** Does what the arguments say and leaves the exit status in the process. */
export async function runProgram(args: readonly string[], start: StartControlPlane): Promise<void> {
  try {
    await runCommand(args, start);
  } catch (error) {
    process.stderr.write(describeFailure(error));
    process.exitCode = 1;
  }
}

async function runCommand(args: readonly string[], start: StartControlPlane): Promise<void> {
  const command = parseCommand(args);
  switch (command.name) {
    case 'help':
      process.stdout.write(helpText);
      return;
    case 'version':
      process.stdout.write(command.detailed ? detailedVersion() : `kuma-cp ${version}\n`);
      return;
    case 'migrate up': {
      const { settings } = loadConfig(command.configFile);
      const applied = await migrateStore(settings);
      process.stdout.write(applied.length > 0 ? `Applied: ${applied.join(', ')}\n` : 'The store is up to date.\n');
      return;
    }
    case 'run': {
      const { settings, warnings } = loadConfig(command.configFile);
      const log = createLogger({ level: command.logLevel, human: process.stderr.isTTY === true });
      for (const warning of warnings) log.warn(warning);
      await runUntilSignal(() => start(settings, log), log);
    }
  }
}

function detailedVersion(): string {
  const facts = { Product: 'kuma-cp', Version: version, Node: process.version, Platform: `${process.platform}/${process.arch}` };
  return Object.entries(facts)
    .map(([name, value]) => `${`${name}:`.padEnd(10)}${value}\n`)
    .join('');
}
