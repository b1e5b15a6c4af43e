import { setTimeout as pause } from 'node:timers/promises';
import { DpError } from '../dp-error.ts';
import type { Logger } from '../log/logger.ts';
import type { ControlPlane, CpAnswer } from './control-plane.ts';
import { tlsProblem } from './tls-problem.ts';

export interface FetchOptions {
  /** Milliseconds. */
  readonly maxPause: number;
  /** Milliseconds. */
  readonly giveUpAfter: number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

const requestTimeout = 10_000;
const firstPause = 200;
const sayAgainAfter = 15_000;

/** What the control plane answers with. */
export interface Bootstrap {
  /** For Envoy. */
  readonly yaml: string;
  /** Of the Dataplane; undefined where an older control plane says only what is for Envoy. */
  readonly dataplaneAddress: string | undefined;
}

/**
 * Asks the control plane for Envoy's bootstrap configuration, and waits for it while it is not up or does not know the
 * Dataplane yet.
 * @throws DpError when waiting is of no use, or has lasted too long; the signal's reason when it fires
 */
export async function fetchBootstrap(cp: ControlPlane, request: unknown, options: FetchOptions): Promise<Bootstrap> {
  const { logger, signal } = options;
  const started = performance.now();
  let said = { reason: '', at: 0 };
  for (let wait = firstPause; ; wait = Math.min(wait * 2, options.maxPause)) {
    const attempt = await tryOnce(cp, request, signal);
    if ('bootstrap' in attempt) return attempt.bootstrap;
    const elapsed = performance.now() - started;
    if (elapsed + wait > options.giveUpAfter) {
      throw new DpError({
        code: 'KUMA_DP_CP_UNAVAILABLE',
        message: `Gave up waiting for the control plane at ${cp.address.origin} after ${Math.round(elapsed / 1000)} s: ${attempt.reason}`,
        hint: 'Check --cp-address, and that kuma-cp runs. KUMA_CONTROL_PLANE_RETRY_MAX_DURATION sets how long to wait.',
      });
    }
    // Said once a reason and then now and again, or a waiting proxy fills its host's log.
    if (attempt.reason !== said.reason || performance.now() - said.at > sayAgainAfter) {
      said = { reason: attempt.reason, at: performance.now() };
      logger.warn({ address: cp.address.origin }, `Waiting for the control plane: ${attempt.reason}`);
    }
    await pause(wait, undefined, { signal });
  }
}

type Attempt = { readonly bootstrap: Bootstrap } | { readonly reason: string };

async function tryOnce(cp: ControlPlane, request: unknown, signal: AbortSignal): Promise<Attempt> {
  try {
    return readAnswer(await cp.post('/bootstrap', request, { timeout: requestTimeout, signal }), cp);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DpError) throw error;
    const hopeless = tlsProblem(error, cp);
    if (hopeless) throw hopeless;
    return { reason: unreachable(error as NodeJS.ErrnoException) };
  }
}

function readAnswer({ status, contentType, body }: CpAnswer, cp: ControlPlane): Attempt {
  if (status === 200) {
    return {
      bootstrap: contentType.startsWith('application/json') ? fromJson(body, cp) : { yaml: body, dataplaneAddress: undefined },
    };
  }
  if (status === 404 && body.trim() === '') {
    return { reason: 'it does not know this Dataplane yet (apply one, or give a template with --dataplane-file)' };
  }
  if (status === 404) {
    throw refuse(
      `There is no bootstrap server at ${cp.address.origin}`,
      '--cp-address must name the data plane server (port 5678 by default), not the HTTP API.',
    );
  }
  if (status >= 400 && status < 500)
    throw refuse(`The control plane refused this proxy (${status}): ${body.trim() || 'without a reason'}`);
  return { reason: `it answered with status ${status}${body.trim() ? `: ${body.trim().slice(0, 300)}` : ''}` };
}

interface JsonAnswer {
  readonly bootstrap?: unknown;
  readonly kumaSidecarConfiguration?: { readonly networking?: { readonly address?: string } };
}

function fromJson(body: string, cp: ControlPlane): Bootstrap {
  try {
    const { bootstrap, kumaSidecarConfiguration } = JSON.parse(body) as JsonAnswer;
    if (typeof bootstrap === 'string' && bootstrap !== '') {
      const dataplaneAddress = kumaSidecarConfiguration?.networking?.address || undefined;
      return { yaml: Buffer.from(bootstrap, 'base64').toString(), dataplaneAddress };
    }
  } catch {
    // Told below, like a body without the field.
  }
  throw refuse(
    `The answer of ${cp.address.origin} is no bootstrap configuration`,
    'Check that --cp-address names a control plane.',
  );
}

function refuse(message: string, hint?: string): DpError {
  return new DpError({ code: 'KUMA_DP_BOOTSTRAP_REFUSED', message, hint });
}

function unreachable(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there yet';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name cannot be resolved';
    case 'ECONNRESET':
      return 'it closed the connection';
    default:
      // A host with several addresses fails with one error an address.
      return error instanceof AggregateError && error.errors.length > 0
        ? unreachable(error.errors[0] as NodeJS.ErrnoException)
        : error.message;
  }
}
