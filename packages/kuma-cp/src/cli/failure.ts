import { CpError } from '../cp-error.ts';
import { StoreError } from '../store/store-error.ts';

/** A failure for the person at the terminal: what is wrong and what to do, or the stack where it is our own fault. */
export function describeFailure(error: unknown): string {
  if (error instanceof CpError || error instanceof StoreError) {
    return `Error: ${error.message}\n${error.hint === undefined ? '' : `Hint: ${error.hint}\n`}`;
  }
  return `Error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}
