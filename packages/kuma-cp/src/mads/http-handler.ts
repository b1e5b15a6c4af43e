import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseDuration } from '@kuma-mesh/core-model/resources/duration.ts';
import { assignmentType } from './assignment.ts';
import type { MonitoringAssignments } from './assignments.ts';
import { assignmentsBeyond } from './await-change.ts';
import { scrapeTargetsOf } from './scrape-targets.ts';

const discoveryPath = '/v3/discovery:monitoringassignments';
const targetsPath = '/targets';

/** Bytes; a request names a client and a version. */
const largestBody = 64 * 1024;

export interface HttpOptions {
  readonly assignments: MonitoringAssignments;
  /** Milliseconds to wait for news where a request does not say how long. */
  readonly fetchTimeout: number;
  /** Fires when everybody must go. */
  readonly closing: AbortSignal;
}

/** What to scrape, for `kuma_sd_configs` of Prometheus or, without a wait for news, for its `http_sd_configs`. */
export async function answerHttp(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const isDiscovery = url.pathname === discoveryPath;
  if (!isDiscovery && url.pathname !== targetsPath) {
    return refuse(response, 404, 'Not Found', `served here: POST ${discoveryPath}, GET ${targetsPath}`);
  }
  const method = isDiscovery ? 'POST' : 'GET';
  if (request.method !== method) return refuse(response, 405, 'Method Not Allowed', `only ${method} is served here`);
  if (isDiscovery) return answerDiscovery(request, response, url, options);
  const { assignments } = options.assignments.of(url.searchParams.get('client_id') ?? '');
  answer(response, 200, scrapeTargetsOf(assignments));
}

/** Long polling: an answer comes when there is something that the client does not know, or 304 when time is up. */
async function answerDiscovery(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  options: HttpOptions,
): Promise<void> {
  const asked = readRequest(await bodyOf(request));
  if (asked === undefined)
    return refuse(response, 400, 'Could not parse request body', 'the body must be a DiscoveryRequest as JSON');
  const timeout = url.searchParams.get('fetch-timeout') ?? '';
  const limit = timeout === '' ? options.fetchTimeout : timeout.startsWith('-') ? 0 : parseDuration(timeout);
  if (limit === undefined) {
    return refuse(
      response,
      400,
      'Could not parse fetch-timeout',
      `expected a duration such as 30s; got ${JSON.stringify(timeout)}`,
    );
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, options.closing]);
  const set = await assignmentsBeyond(options.assignments, { ...asked, limit, signal });
  if (response.destroyed) return;
  if (set === undefined) {
    response.writeHead(304).end();
    return;
  }
  const body = {
    version_info: set.version,
    resources: set.assignments.map((assignment) => ({ '@type': assignmentType, ...assignment })),
    type_url: assignmentType,
    nonce: randomUUID(),
  };
  answer(response, 200, body);
}

/** Protobuf's JSON has two spellings of a field's name. */
interface DiscoveryRequestJson {
  readonly version_info?: unknown;
  readonly versionInfo?: unknown;
  readonly node?: { readonly id?: unknown } | null;
}

function readRequest(body: string | undefined): { readonly clientId: string; readonly known: string } | undefined {
  try {
    const json = JSON.parse(body ?? '') as DiscoveryRequestJson | null;
    if (typeof json !== 'object' || json === null) return undefined;
    const { version_info: snake, versionInfo: camel = snake, node } = json;
    return { clientId: typeof node?.id === 'string' ? node.id : '', known: typeof camel === 'string' ? camel : '' };
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function refuse(response: ServerResponse, status: number, title: string, detail: string): void {
  answer(response, status, { type: '/std-errors', status, title, detail, details: detail });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
