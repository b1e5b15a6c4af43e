import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** Names this run of the control plane among those of its store: the host's name and something of its own. */
export function newInstanceId(): string {
  return `${hostname()}-${randomBytes(2).toString('hex')}`;
}
