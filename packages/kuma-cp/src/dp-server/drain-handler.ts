import { type ProxySessions, SessionRefused } from '../stream/session.ts';
import type { HttpAnswer, HttpHandler } from './http-exchange.ts';

/**
 * Answers `POST /drain` (ours; Kuma has no such thing): a kuma-dp that is about to stop its Envoy has its endpoints taken
 * from all others first. Body `{mesh, name, dataplaneToken}`.
 */
export function createDrainHandler(sessions: Pick<ProxySessions, 'drain'>): HttpHandler {
  return async ({ method, body }) => {
    if (method !== 'POST') {
      return text(405, 'only POST is served here');
    }
    const farewell = readFarewell(body);
    if (!farewell) {
      return text(400, 'the request body must be a JSON object with mesh and name');
    }
    try {
      return (await sessions.drain(farewell)) ? { status: 204 } : text(404, 'the proxy has no stream here');
    } catch (error) {
      if (error instanceof SessionRefused) {
        return text(403, error.message);
      }
      throw error;
    }
  };
}

function readFarewell(body: Buffer): Parameters<ProxySessions['drain']>[0] | undefined {
  try {
    const { mesh, name, dataplaneToken } = JSON.parse(body.toString('utf8')) ?? {};
    if (typeof mesh === 'string' && typeof name === 'string') {
      return {
        mesh,
        name,
        token: typeof dataplaneToken === 'string' && dataplaneToken !== '' ? dataplaneToken.trim() : undefined,
      };
    }
  } catch {
    // Said below, as for any other body that is not what it should be.
  }
  return undefined;
}

function text(status: number, message: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${message}\n` };
}
