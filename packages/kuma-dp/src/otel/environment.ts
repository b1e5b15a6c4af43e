import { readFileSync } from 'node:fs';

export const signals = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof signals)[number];

/** Variables of OpenTelemetry for exporters; of all signals, or of one. What cannot be used is absent. */
export interface OtlpVariables {
  readonly endpoint?: string;
  readonly protocol?: 'grpc' | 'http';
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly compression?: 'gzip' | 'none';
  readonly insecure?: boolean;
  /** PEM. */
  readonly certificate?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

export type OtelEnvironment = Readonly<Record<Signal | 'shared', OtlpVariables>>;

export interface ReadEnvironment {
  readonly environment: OtelEnvironment;
  /** Variables without effect, and why; never their values, which may be secret. */
  readonly problems: readonly string[];
}

type Reader<Value> = readonly [name: string, read: (text: string) => Value | undefined, expected: string];
type Readers = { readonly [Field in keyof OtlpVariables]-?: Reader<NonNullable<OtlpVariables[Field]>> };

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
const readers: Readers = {
  endpoint: ['ENDPOINT', readEndpoint, 'an http:// or https:// URL, or host:port'],
  protocol: [
    'PROTOCOL',
    (text) => ({ grpc: 'grpc', 'http/protobuf': 'http' })[text] as 'grpc' | 'http' | undefined,
    'grpc or http/protobuf',
  ],
  headers: ['HEADERS', readHeaders, 'key=value pairs with commas between them'],
  timeout: ['TIMEOUT', (text) => (/^[1-9]\d*$/.test(text) ? Number(text) : undefined), 'a number of milliseconds'],
  compression: ['COMPRESSION', (text) => (text === 'gzip' || text === 'none' ? text : undefined), 'gzip or none'],
  insecure: ['INSECURE', (text) => ({ true: true, false: false })[text.toLowerCase()], 'true or false'],
  certificate: ['CERTIFICATE', readPem, 'a file that can be read'],
  clientCertificate: ['CLIENT_CERTIFICATE', readPem, 'a file that can be read'],
  clientKey: ['CLIENT_KEY', readPem, 'a file that can be read'],
};

const prefix = 'OTEL_EXPORTER_OTLP_';
const infixes = { shared: '', traces: 'TRACES_', metrics: 'METRICS_', logs: 'LOGS_' } as const;

export function readOtelEnvironment(env: NodeJS.ProcessEnv): ReadEnvironment {
  const problems: string[] = [];
  const part = (infix: string): OtlpVariables => {
    const read = Object.entries(readers).flatMap(([field, [name, reader, expected]]) => {
      const variable = `${prefix}${infix}${name}`;
      const text = env[variable]?.trim();
      if (!text) return [];
      const value = reader(text);
      if (value === undefined) problems.push(`${variable} must be ${expected}; it has no effect`);
      return value === undefined ? [] : [[field, value] as const];
    });
    return Object.fromEntries(read);
  };
  const { shared, traces, metrics, logs } = infixes;
  return { environment: { shared: part(shared), traces: part(traces), metrics: part(metrics), logs: part(logs) }, problems };
}

/** What the control plane is told: which variables there are, and nothing of their values. undefined: none. */
export function inventoryOf(environment: OtelEnvironment): object | undefined {
  const parts = (['shared', ...signals] as const).flatMap((part) => {
    const present = Object.keys(environment[part]).map((field) => [`${field}Present`, true]);
    return present.length === 0 ? [] : [[part, Object.fromEntries(present)]];
  });
  return parts.length === 0 ? undefined : { pipeEnabled: true, ...Object.fromEntries(parts) };
}

function readEndpoint(text: string): string | undefined {
  const url = text.includes('://') ? text : `http://${text}`;
  return /^https?:\/\/[^/?#]/.test(url) && URL.canParse(url) ? text : undefined;
}

function readHeaders(text: string): Record<string, string> | undefined {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  try {
    const read = pairs.map((pair) => {
      const [, key, value] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
      return key === undefined ? undefined : ([key.toLowerCase(), decodeURIComponent(value!)] as const);
    });
    return read.every((pair) => pair !== undefined) ? Object.fromEntries(read) : undefined;
  } catch {
    return undefined;
  }
}

function readPem(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
