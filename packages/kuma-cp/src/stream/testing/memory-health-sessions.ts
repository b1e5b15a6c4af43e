import { EventEmitter, once } from 'node:events';
import type { HealthReporter, HealthSession, HealthSessions } from '../health-session.ts';
import { SessionRefused } from '../session.ts';

/** Sessions whose checks a test sets itself, and that remember what proxies reported. */
export class MemoryHealthSessions implements HealthSessions {
  readonly opened: MemoryHealthSession[] = [];
  readonly #events = new EventEmitter();
  refuse: ((proxy: HealthReporter) => string | undefined) | undefined;

  async open(proxy: HealthReporter): Promise<HealthSession> {
    const reason = this.refuse?.(proxy);
    if (reason) throw new SessionRefused(reason);
    const session = new MemoryHealthSession(proxy);
    this.opened.push(session);
    this.#events.emit('open');
    return session;
  }

  /** The session with this ordinal, as soon as it is open. */
  async nth(index: number): Promise<MemoryHealthSession> {
    while (!this.opened[index]) await once(this.#events, 'open');
    return this.opened[index];
  }
}

export class MemoryHealthSession implements HealthSession {
  readonly proxy: HealthReporter;
  readonly reports: ReadonlyMap<string, boolean>[] = [];
  closed = false;
  readonly #events = new EventEmitter();
  #checks: Uint8Array | undefined;
  #listener: () => void = () => {};

  constructor(proxy: HealthReporter) {
    this.proxy = proxy;
  }

  get checks(): Uint8Array | undefined {
    return this.#checks;
  }

  set checks(checks: Uint8Array) {
    this.#checks = checks;
    this.#listener();
  }

  onChecks(listener: () => void): void {
    this.#listener = listener;
  }

  reported(health: ReadonlyMap<string, boolean>): void {
    this.reports.push(health);
    this.#events.emit('change');
  }

  close(): void {
    this.closed = true;
    this.#events.emit('change');
  }

  async until(meets: (session: MemoryHealthSession) => boolean): Promise<void> {
    while (!meets(this)) await once(this.#events, 'change');
  }
}
