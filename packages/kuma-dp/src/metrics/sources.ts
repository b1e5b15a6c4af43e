import type { MetricsConfigBody, ScrapedApplication } from '@kuma-mesh/core-model/policies/mesh-metric/sidecar-config.ts';
import type { AdminAddress } from '../bootstrap/admin-address.ts';
import type { Logger } from '../log/logger.ts';
import { fetchText, type Target, type TextAnswer } from '../sidecar-config/fetch-text.ts';
import { mergeSubsets } from './merge-subsets.ts';
import type { MetricFamily } from './metric-family.ts';
import { parseMetrics } from './parse-text.ts';
import { selection } from './profiles.ts';

/** Metrics of Envoy, or of one application, as they have them. */
export interface SourceMetrics {
  /** Of the application; undefined for Envoy. */
  readonly application?: string;
  readonly families: readonly MetricFamily[];
}

export interface Collecting {
  /** Milliseconds for each source. */
  readonly limit: number;
  /** What Envoy is asked for beside what the policy says. */
  readonly query?: URLSearchParams;
}

export interface Collector {
  /** Asks Envoy and all applications at once. Who does not answer is left out, and logged. */
  collect(config: MetricsConfigBody, options: Collecting): Promise<readonly SourceMetrics[]>;
}

export function createCollector(admin: AdminAddress, logger: Logger): Collector {
  const troubles = new Troubles(logger);
  return {
    async collect(config, options) {
      const collected = await Promise.all([
        troubles.watch('Envoy', () => envoyMetrics(admin, config, options)),
        ...config.applications.map((application) =>
          troubles.watch(named(application), () => applicationMetrics(application, options)),
        ),
      ]);
      return collected.filter((source) => source !== undefined);
    },
  };
}

async function envoyMetrics(admin: AdminAddress, { sidecar }: MetricsConfigBody, { limit, query: asked }: Collecting) {
  const query = new URLSearchParams(asked);
  // The path says it.
  query.delete('format');
  if (!sidecar?.includeUnused) query.set('usedonly', '');
  if (sidecar?.regex && !query.has('filter')) query.set('filter', sidecar.regex);
  const path = `/stats/prometheus?${query}`;
  const { body } = expected(await fetchText({ ...admin, path }, { host: 'localhost' }, limit));
  const { family, samples } = await selection(sidecar);
  const families = parseMetrics(body, { wanted: family }).map(samples);
  return { families: mergeSubsets(families.filter((each) => each.samples.length > 0)) };
}

/** Whoever asks under this name gets no metrics of a sidecar: an application that is one's own endpoint would have no end. */
export const userAgent = 'kuma-dp';

/** HTTP's "Loop Detected". */
export const loopStatus = 508;

/** OpenMetrics is taken where an application has nothing else. */
const accepted = 'text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1';

async function applicationMetrics({ name, address, port, path }: ScrapedApplication, { limit }: Collecting) {
  const headers = { accept: accepted, 'user-agent': userAgent };
  const { body, contentType } = expected(await followed({ host: address, port, path }, headers, limit));
  const openMetrics = contentType.startsWith('application/openmetrics-text');
  return { application: name ?? '', families: parseMetrics(body, { openMetrics }) };
}

/** Many frameworks send `/metrics` on to `/metrics/`. */
const mostRedirects = 5;

async function followed(first: ApplicationTarget, headers: Readonly<Record<string, string>>, limit: number): Promise<TextAnswer> {
  const end = performance.now() + limit;
  let target = first;
  for (let redirects = 0; ; redirects++) {
    const answer = await fetchText(target, headers, Math.max(1, Math.round(end - performance.now())));
    if (!isRedirect.has(answer.status) || answer.location === undefined || redirects === mostRedirects) return answer;
    target = leadTo(target, answer.location);
  }
}

const isRedirect: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

type ApplicationTarget = Extract<Target, { readonly host: string }>;

/** @throws Error where it is not to be had over HTTP */
function leadTo({ host, port, path }: ApplicationTarget, location: string): ApplicationTarget {
  const url = URL.parse(location, `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`);
  if (url?.protocol !== 'http:') throw new Error(`it sends on to ${location}, which is not HTTP`);
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || 80), path: url.pathname + url.search };
}

function expected(answer: TextAnswer): TextAnswer {
  if (answer.status === loopStatus) throw new Error('it is the endpoint of a sidecar, and no application');
  if (answer.status !== 200) throw new Error(`it answered with status ${answer.status}`);
  return answer;
}

function named({ name, address, port, path }: ScrapedApplication): string {
  return `${name ? `${name} at ` : ''}http://${address}:${port}${path}`;
}

/** Says once that a source has no metrics, and once that it has them again: it is asked every few seconds. */
class Troubles {
  readonly #logger: Logger;
  readonly #known = new Map<string, string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  async watch<T>(source: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await ask();
      if (this.#known.delete(source)) this.#logger.info({ source }, 'Metrics can be read again');
      return answer;
    } catch (error) {
      const { message } = error as Error;
      if (this.#known.get(source) !== message) this.#logger.warn({ source }, `Metrics cannot be read: ${message}`);
      this.#known.set(source, message);
      return undefined;
    }
  }
}
