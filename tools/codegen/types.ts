import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** TypeScript types of the specifications, by ts-proto. */
export function generateTypes(root: string): void {
  const template = join(root, 'tools/codegen/buf.gen.model.yaml');
  // ts-proto remarks on the mapping of scalars.ts, which is meant; errors come with a status, and then all of it is shown.
  try {
    execFileSync('buf', ['generate', '--template', template], { cwd: join(root, 'proto'), stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    process.stderr.write((error as { stderr?: Buffer }).stderr ?? '');
    throw error;
  }
}
