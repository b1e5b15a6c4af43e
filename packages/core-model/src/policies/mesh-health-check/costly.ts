import type { MeshHealthCheck_Conf as Conf } from '../../generated/types/kuma/mesh_health_check.ts';
import { milliseconds } from '../conf-values.ts';
import type { Costly } from '../policy.ts';

/** So long a control plane lets a proxy take for a new destination; requests that are sent there later fail. Milliseconds. */
const longestWait = 20_000;

/** Proxies wait for the first probe of every endpoint, and so for nearly all of this time. */
export function costly({ initialJitter }: Conf): readonly Costly[] {
  if ((milliseconds(initialJitter) ?? 0) <= longestWait) return [];
  const price = `puts off, by up to ${initialJitter}, that a proxy that starts is ready and that a new destination can be called`;
  return [{ path: ['initialJitter'], price }];
}
