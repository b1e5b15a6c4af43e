import type { Logger } from 'pino';

/**
 * Given to Envoy as `--log-format`, beside `--log-format-escaped`, which keeps a message on one line. Fields are level,
 * component and message; the mark tells a log line from what libraries print. A tab would be escaped itself.
 */
export const envoyLogFormat = '~|%l|%n|%v';

interface EnvoyLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly component?: string;
  readonly message: string;
}

const levels: Readonly<Record<string, EnvoyLine['level']>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
};

export function parseEnvoyLine(line: string): EnvoyLine {
  const fields = line.split('|');
  const level = levels[fields[1] ?? ''];
  // What does not come through Envoy's logger is a crash's stack trace or a complaint about the command line.
  if (fields[0] !== '~' || !level) return { level: 'warn', message: line };
  return { level, component: fields[2] ?? '', message: readable(restoreEscaped(fields.slice(3).join('|'))) };
}

/** What a control plane says as it ends a stream comes percent-encoded, as gRPC sends it. */
function readable(message: string): string {
  const ending = /^(?<stream>.* config stream to \S+ closed: \d+, )(?<reason>.*)$/s.exec(message)?.groups;
  if (!ending) return message;
  const reason = ending.reason!.replace(/%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*/g, decoded).replace(/\{via_upstream\}$/, '');
  return `${ending.stream}${reason}${reason.includes('dataplane token') ? `; ${tokenHint}` : ''}`;
}

const tokenHint = 'make another with "kumactl generate dataplane-token" and give it with --dataplane-token-file';

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\' };

function restoreEscaped(text: string): string {
  return text.replace(/\\([ntr"'\\])/g, (_, letter: string) => escapes[letter]!);
}

/** Sixty lines at each start, the same for every proxy of a version; `envoy --version` names the version. */
const inventory = /^(statically linked extensions:| {2}envoy\.[\w.]+: )/;

/** Of every cluster that changes and keeps the endpoints that Envoy knows: the control plane means it so. */
const keepsEndpoints = /^gRPC config: initial fetch timed out for \S+\.ClusterLoadAssignment$/;

/** A collector that is away or refuses: of spans, Envoy says it for every fifth. */
const exporting = /^OTLP HTTP .*exporter (?:received a non-success status code|failed)/;
const pauseOfExporting = 60_000;

/** Passes Envoy's lines on at their own level, and remembers the last that tell of trouble. */
export class EnvoyLog {
  readonly #logger: Logger;
  readonly #own: Logger;
  readonly #troubles: string[] = [];
  readonly #saidOfExporting = new Map<string, number>();

  constructor(logger: Logger) {
    this.#own = logger.child({ logger: 'envoy' });
    // kuma-dp's own level does not filter: Envoy was told what to log.
    this.#logger = logger.child({ logger: 'envoy' }, { level: 'trace' });
  }

  write(line: string): void {
    if (line.trim() === '') return;
    const { level, component, message } = parseEnvoyLine(line);
    if (component === 'main' && inventory.test(message)) return;
    if (keepsEndpoints.test(message)) {
      this.#own.debug({ component }, message);
      return;
    }
    if (exporting.test(message) && this.#wasSaid(message)) return;
    this.#logger[level](component === undefined ? {} : { component }, message);
    if (level === 'trace' || level === 'debug' || level === 'info') return;
    this.#troubles.push(message);
    if (this.#troubles.length > 5) this.#troubles.shift();
  }

  /** Just now; otherwise it is said now. */
  #wasSaid(message: string): boolean {
    const now = performance.now();
    if (now - (this.#saidOfExporting.get(message) ?? -Infinity) < pauseOfExporting) return true;
    this.#saidOfExporting.set(message, now);
    return false;
  }

  /** The last five lines of level warning or worse. */
  get troubles(): readonly string[] {
    return this.#troubles;
  }
}
