import type { ProxyNode } from './session.ts';

/** Who offers to find out whether applications are there. */
export type HealthReporter = Pick<ProxyNode, 'mesh' | 'name' | 'token'>;

/** The other side of a stream on which a proxy finds out about the health of its applications. */
export interface HealthSessions {
  /**
   * Authenticates the proxy.
   * @throws SessionRefused with a message for the peer; the stream ends with gRPC status UNKNOWN.
   */
  open(proxy: HealthReporter): Promise<HealthSession>;
}

export interface HealthSession {
  /** What to find out: a serialized HealthCheckSpecifier; undefined for as long as there is nothing, and never was. */
  readonly checks: Uint8Array | undefined;
  /** Calls back whenever `checks` was replaced. One listener. */
  onChecks(listener: () => void): void;
  /** What was found out: whether the applications answered, by the names of the checks. */
  reported(health: ReadonlyMap<string, boolean>): void;
  /** The stream has ended. Nothing is called after it. */
  close(): void;
}
