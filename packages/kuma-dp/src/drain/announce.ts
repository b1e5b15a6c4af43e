import type { ControlPlane } from '../bootstrap/control-plane.ts';
import type { Logger } from '../log/logger.ts';

export interface Farewell {
  readonly mesh: string;
  readonly name: string;
  readonly dataplaneToken: string;
}

const timeout = 2_000;

/**
 * Asks the control plane to take this proxy's endpoints from all others at once (`POST /drain`, ours; Kuma's control plane
 * does not know it, and one that is away cannot). @returns whether it did
 */
export async function announceDrain(cp: ControlPlane, farewell: Farewell, logger: Logger): Promise<boolean> {
  try {
    const { status } = await cp.post('/drain', farewell, { timeout });
    if (status >= 200 && status < 300) return true;
    logger.debug({ status }, 'The control plane does not take part in the drain');
  } catch (error) {
    logger.warn(`The control plane cannot be told of the drain: ${(error as Error).message}`);
  }
  return false;
}
