import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { promisify } from 'node:util';

/** A program and arguments that start a child in such a way that it dies with this process. */
interface Binding {
  readonly prefix: readonly string[];
  /** Whether a second process has to watch over the first. */
  readonly watched: boolean;
}

/** Who died before the kernel was asked to tell of it is told of no more: the child is somebody else's by then. */
const unlessOrphan = '[ "$PPID" = "$0" ] && exec "$@"';

/**
 * How a child can be bound to this process's life, so that not even SIGKILL of ours leaves it behind: by the kernel where
 * util-linux's setpriv can ask for that, else by a shell that waits for the end of a pipe.
 */
export async function findBinding(): Promise<Binding> {
  if (process.platform !== 'linux') return { prefix: [], watched: true };
  try {
    const prefix = ['setpriv', '--pdeathsig', 'KILL', '--', '/bin/sh', '-c', unlessOrphan, String(process.pid)];
    await promisify(execFile)(prefix[0]!, [...prefix.slice(1), 'true']);
    return { prefix, watched: false };
  } catch {
    return { prefix: [], watched: true };
  }
}

/** Starts the program in a session of its own: a terminal's Ctrl-C is for us, who then drain it. */
export function spawnBound(binding: Binding, program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const [first, ...rest] = [...binding.prefix, program, ...args];
  const child = spawn(first!, rest, { ...options, detached: true });
  if (binding.watched && child.pid !== undefined) watch(child, child.pid);
  return child;
}

function watch(child: ChildProcess, pid: number): void {
  const guard = spawn('/bin/sh', ['-c', 'read -r word; [ "$word" = done ] || kill -KILL "$1" 2>/dev/null', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // The word, and not the pipe's end, says that the child ended by itself: its number may be another's by then.
  guard.stdin.on('error', () => {});
  child.once('exit', () => guard.stdin.end('done\n'));
  guard.unref();
}
