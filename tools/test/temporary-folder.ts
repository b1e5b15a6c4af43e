import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything that tests and the processes they start put down for a while, in one folder that goes with them. */
export default function giveTemporaryFolder(): () => void {
  // Short, as paths of sockets in it have a limit.
  const folder = mkdtempSync(join(tmpdir(), 't-'));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
