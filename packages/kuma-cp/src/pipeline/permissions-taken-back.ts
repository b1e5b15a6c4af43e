import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { takesBack } from '@kuma-mesh/core-model/policies/mesh-traffic-permission/takes-back.ts';
import { Deadlines } from '../timing/deadlines.ts';

/** When connections are seen to after a permission was taken back, in milliseconds: proxies not all at once. */
export interface SeenToAfter {
  readonly least: number;
  readonly most: number;
}

const usually: SeenToAfter = { least: 5_000, most: 10_000 };

/**
 * Envoy asks for permission when a request begins: a websocket or a stream of gRPC that is open goes on without one. Here is
 * remembered whose permission was taken back, until somebody sees to what is open. That is not done at once: a permission
 * that is edited several times in a row costs the proxies once, and no other change has to wait for it.
 */
export class PermissionsTakenBack {
  /** Names of route configurations by proxy. */
  readonly #routes = new Map<string, Set<string>>();
  readonly #deadlines: Deadlines<string>;
  readonly #after: SeenToAfter;

  /** @param seeTo what is behind these route configurations of a proxy */
  constructor(seeTo: (proxy: string, routes: ReadonlySet<string>) => void, after = usually) {
    this.#after = after;
    this.#deadlines = new Deadlines((proxy) => {
      const routes = this.#routes.get(proxy)!;
      this.#routes.delete(proxy);
      seeTo(proxy, routes);
    });
  }

  notice(proxy: string, before: ProxyIr | undefined, after: ProxyIr): void {
    for (const name of routesTakenBack(before, after)) this.add(proxy, name);
  }

  /** @param route name of a route configuration */
  add(proxy: string, route: string): void {
    const known = this.#routes.get(proxy);
    if (known) {
      known.add(route);
      return;
    }
    const { least, most } = this.#after;
    this.#routes.set(proxy, new Set([route]));
    this.#deadlines.set(proxy, Date.now() + least + Math.random() * (most - least));
  }

  clear(): void {
    this.#routes.clear();
    this.#deadlines.clear();
  }
}

function* routesTakenBack(before: ProxyIr | undefined, { routes }: ProxyIr): Iterable<string> {
  if (before === undefined || before.routes === routes) return;
  for (const { name, permission } of routes) {
    if (permission === undefined) continue;
    const old = before.routes.find((route) => route.name === name)?.permission;
    if (old && old !== permission && takesBack(old, permission)) yield name;
  }
}
