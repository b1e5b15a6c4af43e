import { isObject, type Json, type JsonObject } from './json.ts';

/*
 * Envoy (1.40) makes the rings and tables of hashing balancers when it has the cluster half made. It refuses what is wrong
 * with them, and from then on takes no cluster of any other name, as it waits for this one. So it must not get to see them.
 */

const usualMinimum = 1024;
const usualMaximum = 8 * 1024 * 1024;

/** @returns why Envoy would stop half way with this cluster, if it would */
export function halfMadeProblem(cluster: JsonObject): string | undefined {
  const { lbPolicy, ringHashLbConfig: ring, maglevLbConfig: table, loadBalancingPolicy } = cluster;
  if (lbPolicy === 'RING_HASH' && isObject(ring)) return ringProblem(ring);
  if (lbPolicy === 'MAGLEV' && isObject(table)) return tableProblem(table);
  return within(loadBalancingPolicy);
}

/** Balancers can stand in each other. */
function within(policy: Json | undefined): string | undefined {
  if (!isObject(policy) && !Array.isArray(policy)) return undefined;
  const type = isObject(policy) ? String(policy['@type'] ?? '') : '';
  if (type.endsWith('.ring_hash.v3.RingHash')) return ringProblem(policy as JsonObject);
  if (type.endsWith('.maglev.v3.Maglev')) return tableProblem(policy as JsonObject);
  for (const below of Object.values(policy)) {
    const problem = within(below as Json);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function ringProblem({ minimumRingSize, maximumRingSize }: JsonObject): string | undefined {
  const [least, most] = [Number(minimumRingSize ?? usualMinimum), Number(maximumRingSize ?? usualMaximum)];
  return least > most ? `a ring cannot have at least ${least} and at most ${most} entries` : undefined;
}

function tableProblem({ tableSize }: JsonObject): string | undefined {
  const size = Number(tableSize ?? 65_537);
  return isPrime(size) ? undefined : `the size of a Maglev table must be a prime number; got ${size}`;
}

function isPrime(n: number): boolean {
  if (n < 2) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}
