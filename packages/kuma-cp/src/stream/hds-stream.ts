import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { HealthCheckRequestOrEndpointHealthResponse as Message } from '@kuma-mesh/envoy-api/health-discovery.ts';
import type { Logger } from 'pino';
import type { RawCall } from './ads-stream.ts';
import { healthByCheck } from './health-report.ts';
import type { HealthReporter, HealthSession, HealthSessions } from './health-session.ts';
import { readProxyNode } from './proxy-node.ts';
import { readToken } from './read-token.ts';
import { SessionRefused } from './session.ts';

export interface HdsStreamOptions {
  readonly sessions: HealthSessions;
  readonly log: Logger;
  /** How long a stream may stay silent before its first request, in milliseconds. */
  readonly firstRequestTimeout: number;
}

/**
 * A call of health discovery: the proxy offers its service, is told what to find out, and reports from time to time.
 * What it is told is sent again whenever it changed, and nothing for as long as there is nothing to find out.
 */
export class HdsStream {
  readonly #call: RawCall;
  readonly #options: HdsStreamOptions;
  readonly #silence: NodeJS.Timeout;
  #log: Logger;
  #session: HealthSession | undefined;
  #sent: Uint8Array | undefined;
  #ended = false;

  constructor(call: RawCall, options: HdsStreamOptions) {
    this.#call = call;
    this.#options = options;
    this.#log = options.log;
    const silent = { code: status.DEADLINE_EXCEEDED, details: 'no request was received on this stream' };
    this.#silence = setTimeout(() => this.end(silent), options.firstRequestTimeout);
  }

  /** Serves the call. `onEnd` is called once, when nothing is left of it. */
  start(onEnd: () => void): void {
    const call = this.#call;
    const finish = (): void => {
      if (this.#ended) return;
      this.#ended = true;
      clearTimeout(this.#silence);
      this.#session?.close();
      onEnd();
    };
    call.on('data', (bytes: Buffer) => this.#receive(bytes));
    call.on('end', () => this.end({ code: status.OK, details: '' }));
    for (const event of ['cancelled', 'close', 'error', 'finish']) call.on(event, finish);
    // Some clients wait for headers before they send, and gRPC would send none before the first message.
    call.sendMetadata(new Metadata());
  }

  end({ code, details }: Pick<StatusObject, 'code' | 'details'>): void {
    if (this.#ended) return;
    if (code === status.OK) this.#call.end();
    else this.#call.emit('error', { code, details: details.toWellFormed() });
  }

  #receive(bytes: Buffer): void {
    if (this.#ended) return;
    let message: Message;
    try {
      message = Message.decode(bytes);
    } catch {
      this.end({ code: status.INVALID_ARGUMENT, details: 'request is not a valid message' });
      return;
    }
    const { requestType } = message;
    if (this.#session) {
      if (requestType?.$case === 'endpointHealthResponse') this.#session.reported(healthByCheck(requestType.value));
      return;
    }
    clearTimeout(this.#silence);
    this.#call.pause();
    void this.#open(requestType?.$case === 'healthCheckRequest' ? requestType.value.node : undefined);
  }

  async #open(node: Parameters<typeof readProxyNode>[0] | undefined): Promise<void> {
    try {
      const proxy = this.#reporter(node);
      this.#log = this.#options.log.child({ mesh: proxy.mesh, proxy: proxy.name });
      const session = await this.#options.sessions.open(proxy);
      if (this.#ended) {
        session.close();
        return;
      }
      this.#session = session;
      session.onChecks(() => this.#tell());
      this.#tell();
      this.#call.resume();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #reporter(node: Parameters<typeof readProxyNode>[0] | undefined): HealthReporter {
    if (!node) throw new SessionRefused('the first request on a stream must be a HealthCheckRequest with `node`');
    return readProxyNode(node, readToken(this.#call.metadata), async () => true);
  }

  #tell(): void {
    const checks = this.#session?.checks;
    if (this.#ended || !checks || checks === this.#sent) return;
    this.#sent = checks;
    this.#call.write(Buffer.from(checks));
  }

  #refuse(error: unknown): void {
    if (error instanceof SessionRefused) {
      this.#log.warn({ reason: error.message }, 'health checks of a proxy refused');
      this.end({ code: status.UNKNOWN, details: error.message });
    } else {
      this.#log.error({ err: error }, 'health checks of a proxy failed');
      this.end({ code: status.INTERNAL, details: 'the control plane failed on this stream; its log says why' });
    }
  }
}
