import type { AssignmentSet, MonitoringAssignments } from './assignments.ts';

export interface Awaiting {
  readonly clientId: string;
  /** Version that the client has; empty for none. */
  readonly known: string;
  /** Milliseconds; 0 does not wait. */
  readonly limit: number;
  /** Fires when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** What a client is to scrape as soon as it is not what it knows; undefined when that lasts too long. */
export function assignmentsBeyond(assignments: MonitoringAssignments, awaiting: Awaiting): Promise<AssignmentSet | undefined> {
  const { clientId, known, limit, signal } = awaiting;
  const news = (): AssignmentSet | undefined => {
    const current = assignments.of(clientId);
    return current.version === known ? undefined : current;
  };
  const already = news();
  if (already !== undefined || limit <= 0 || signal.aborted) return Promise.resolve(already);
  return new Promise((resolve) => {
    const finish = (set: AssignmentSet | undefined): void => {
      stop();
      clearTimeout(deadline);
      signal.removeEventListener('abort', abandoned);
      resolve(set);
    };
    const abandoned = (): void => finish(undefined);
    const stop = assignments.onChange(() => {
      const set = news();
      if (set !== undefined) finish(set);
    });
    const deadline = setTimeout(abandoned, Math.min(limit, longest));
    signal.addEventListener('abort', abandoned);
  });
}

/** Milliseconds that a timer can wait. */
const longest = 2 ** 31 - 1;
