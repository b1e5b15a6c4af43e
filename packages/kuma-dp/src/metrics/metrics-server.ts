import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { metricsPath } from '@kuma-mesh/core-model/dataplane/sidecar-sockets.ts';
import { labelsWith } from './extra-labels.ts';
import { mergeFamilies } from './merge-families.ts';
import type { MetricsConfigSource } from './metrics-config.ts';
import { renderMetrics, textFormat } from './render-text.ts';
import { type Collector, loopStatus, userAgent } from './sources.ts';

export interface MetricsServer {
  close(): void;
}

export interface MetricsServerParts {
  /** Path of the socket to serve on; one left behind is removed. */
  readonly socket: string;
  readonly config: MetricsConfigSource;
  readonly collector: Collector;
}

/** Less than the time after which Envoy gives up on us. */
const longest = 12_000;

/** Serves the metrics of Envoy and of the applications as one, to Envoy's listener for them. */
export async function startMetricsServer({ socket, config, collector }: MetricsServerParts): Promise<MetricsServer> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== metricsPath) return response.writeHead(404).end();
    if (request.headers['user-agent'] === userAgent) return response.writeHead(loopStatus).end();
    const current = await config.current();
    if (current === undefined) return response.writeHead(503).end('no policy asks for metrics of this proxy\n');
    const sources = await collector.collect(current, { limit: timeLeft(request), query: url.searchParams });
    const families = mergeFamilies(sources.map((source) => source.families));
    response.writeHead(200, { 'content-type': textFormat });
    return pipeline(Readable.from(renderMetrics(families, labelsWith(current.extraLabels))), response);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      // Who went away amid the answer wants no other one.
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(`${error.message}\n`);
    });
  });
  await rm(socket, { force: true });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A Prometheus says how long it waits; what came by then is better than nothing. */
function timeLeft({ headers }: IncomingMessage): number {
  const seconds = Number(headers['x-prometheus-scrape-timeout-seconds']);
  return seconds > 0 ? Math.min(seconds * 900, longest) : longest;
}
