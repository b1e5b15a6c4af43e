import { Metadata, type ServerDuplexStream, type StatusObject, status } from '@grpc/grpc-js';
import type { Node } from '@kuma-mesh/envoy-api/discovery.ts';
import type { Logger } from 'pino';
import { Conversation, type ConversationOptions, type Peer } from './conversation.ts';
import type { AnyRequest, Dialect } from './dialect.ts';
import { readProxyNode, remembersEndpoints } from './proxy-node.ts';
import { readToken } from './read-token.ts';
import { type ProxyNode, type ProxySession, type ProxySessions, SessionRefused } from './session.ts';

export type RawCall = ServerDuplexStream<Buffer, Buffer>;

export interface AdsStreamOptions extends Omit<ConversationOptions, 'later'> {
  readonly sessions: ProxySessions;
  readonly log: Logger;
  /** Whether the peer of a call (as gRPC calls it) still answers; see {@link ProxyNode.alive}. */
  readonly isAlive: (peer: string) => Promise<boolean>;
  /** How long a stream may stay silent before its first request, in milliseconds. */
  readonly firstRequestTimeout: number;
  /** After how many milliseconds what may be taken by then is sent again as it is; each time twice as many, up to a minute. */
  readonly tryAgainAfter: number;
  /**
   * For how many milliseconds clusters that the peer has not taken yet hold up what comes after them. Until it has taken those
   * that are new to it, requests to them fail: they have the longer time.
   */
  readonly clustersWithin: { readonly changed: number; readonly new: number };
  /** For how many milliseconds keys of permissions outlive rules that others have taken the place of. */
  readonly keysLingerFor: number;
}

const longestPause = 60_000;

/**
 * A call of either form of ADS, from its first request to its end.
 *
 * Reading pauses while the session is being opened, so that a peer that is not yet known can make us keep one request.
 * Writing is one message at a time: the next is made, from the newest configuration, only when HTTP/2 has taken the last,
 * so that a peer that does not read costs one response and no more.
 */
export class AdsStream<Request extends AnyRequest> {
  readonly #call: RawCall;
  readonly #dialect: Dialect<Request>;
  readonly #options: AdsStreamOptions;
  readonly #silence: NodeJS.Timeout;
  #again: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #clustersUnderWay: string | undefined;
  readonly #lingering = new Set<NodeJS.Timeout>();
  #pause: number;
  #log: Logger;
  #session: ProxySession | undefined;
  #conversation: Conversation<Request> | undefined;
  #writing = false;
  #ended = false;

  constructor(call: RawCall, dialect: Dialect<Request>, options: AdsStreamOptions) {
    this.#call = call;
    this.#dialect = dialect;
    this.#options = options;
    this.#log = options.log;
    this.#pause = options.tryAgainAfter;
    const silent = { code: status.DEADLINE_EXCEEDED, details: 'no request was received on this stream' };
    this.#silence = setTimeout(() => this.end(silent), options.firstRequestTimeout);
  }

  /** Serves the call. `onEnd` is called once, when nothing is left of it. */
  start(onEnd: () => void): void {
    const call = this.#call;
    const finish = (): void => {
      if (!this.#ended) {
        this.#ended = true;
        clearTimeout(this.#silence);
        clearTimeout(this.#again);
        clearTimeout(this.#patience);
        for (const timer of this.#lingering) clearTimeout(timer);
        this.#closeSession();
        onEnd();
      }
    };
    call.on('data', (bytes: Buffer) => this.#receive(bytes));
    call.on('end', () => this.end({ code: status.OK, details: '' }));
    call.on('cancelled', finish);
    call.on('close', finish);
    call.on('error', finish);
    call.on('finish', finish);
    // Some clients wait for headers before they send, and gRPC would send none before the first message.
    call.sendMetadata(new Metadata());
  }

  end(reason: Pick<StatusObject, 'code' | 'details'>): void {
    if (this.#ended) {
      return;
    }
    if (reason.code === status.OK) {
      this.#call.end();
    } else {
      this.#call.emit('error', { code: reason.code, details: reason.details.toWellFormed() });
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#ended) {
      return;
    }
    let request: Request;
    try {
      request = this.#dialect.decode(bytes);
    } catch {
      this.end({ code: status.INVALID_ARGUMENT, details: 'request is not a valid message' });
      return;
    }
    const conversation = this.#conversation;
    if (conversation) {
      this.#orEnd(() => conversation.receive(request));
      this.#flush();
      if (conversation.refusedForNow) this.#tryAgainLater(conversation);
    } else {
      clearTimeout(this.#silence);
      this.#call.pause();
      void this.#open(request);
    }
  }

  #tryAgainLater(conversation: Conversation<Request>): void {
    if (this.#again || this.#ended) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      conversation.tryAgain();
      this.#flush();
    }, this.#pause);
    this.#pause = Math.min(this.#pause * 2, longestPause);
  }

  #endOldKeysLater(end: () => void): void {
    const timer = setTimeout(() => {
      this.#lingering.delete(timer);
      end();
      this.#flush();
    }, this.#options.keysLingerFor);
    this.#lingering.add(timer);
  }

  async #open(request: Request): Promise<void> {
    const { sessions, metrics, log } = this.#options;
    let peer: Peer;
    try {
      const node = this.#readNode(request.node);
      this.#log = log.child({ mesh: node.mesh, proxy: node.name });
      peer = { remembersEndpoints: remembersEndpoints(node) };
      this.#session = await sessions.open(node);
    } catch (error) {
      metrics.refused();
      this.#refuse(error);
      return;
    }
    metrics.opened();
    if (this.#ended) {
      this.#closeSession();
      return;
    }
    this.#log.info({ form: this.#dialect.form }, 'proxy connected');
    const later = (end: () => void): void => this.#endOldKeysLater(end);
    const conversation = new Conversation(this.#dialect, this.#session, peer, { ...this.#options, later });
    this.#conversation = conversation;
    this.#orEnd(() => conversation.receive(request));
    this.#session.onConfig(() => this.#flush());
    this.#flush();
    this.#call.resume();
  }

  #readNode(node: Node | undefined): ProxyNode {
    if (!node) {
      throw new SessionRefused('the first request on a stream must carry `node`');
    }
    const peer = this.#call.getPeer();
    return readProxyNode(node, readToken(this.#call.metadata), () => this.#options.isAlive(peer));
  }

  #refuse(error: unknown): void {
    if (error instanceof SessionRefused) {
      this.#log.warn({ reason: error.message }, 'proxy refused');
      this.end({ code: status.UNKNOWN, details: error.message });
    } else {
      this.#log.error({ err: error }, 'a session could not be opened');
      this.end({ code: status.INTERNAL, details: 'the control plane could not open a session; its log says why' });
    }
  }

  #flush(): void {
    const config = this.#session?.config;
    if (this.#writing || this.#ended || !config) {
      return;
    }
    const response = this.#orEnd(() => this.#conversation?.next(config));
    this.#watchClusters();
    if (response) {
      this.#writing = true;
      this.#call.write(response, () => {
        this.#writing = false;
        this.#flush();
      });
    }
  }

  #watchClusters(): void {
    const underWay = this.#conversation?.clustersUnderWay;
    if (!underWay || underWay.nonce === this.#clustersUnderWay) return;
    this.#clustersUnderWay = underWay.nonce;
    clearTimeout(this.#patience);
    const { clustersWithin } = this.#options;
    this.#patience = setTimeout(
      () => {
        if (this.#conversation?.clustersUnderWay?.nonce !== underWay.nonce) return;
        this.#conversation.goOnWithoutClusters();
        this.#flush();
      },
      underWay.areNew ? clustersWithin.new : clustersWithin.changed,
    );
  }

  /** What goes wrong on one stream ends that stream, and no other. */
  #orEnd<Result>(step: () => Result): Result | undefined {
    try {
      return step();
    } catch (error) {
      this.#log.error({ err: error }, 'a stream failed');
      this.end({ code: status.INTERNAL, details: 'the control plane failed on this stream; its log says why' });
      return undefined;
    }
  }

  #closeSession(): void {
    if (this.#session) {
      this.#session.close();
      this.#session = undefined;
      this.#options.metrics.closed();
      this.#log.info('proxy disconnected');
    }
  }
}
