import type { Mesh_CertificateAuthorityBackend as CaBackend } from '../../generated/types/kuma/mesh.ts';
import { parseDuration } from '../duration.ts';
import { nearest } from '../nearest.ts';
import type { Problem } from '../resource.ts';
import { jsonType } from '../schema-problems.ts';

/** Settings of a `builtin` backend. */
export interface BuiltinCaConf {
  readonly rsaBits?: number;
  /** Milliseconds. */
  readonly expiration?: number;
}

/** Settings of a `provided` backend. */
export interface ProvidedCaConf {
  readonly cert: DataSource;
  readonly key: DataSource;
}

/** Where bytes are: the name of a Secret of the mesh, a file of the control plane, or the bytes themselves. */
export type DataSource =
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'inline'; readonly base64: string }
  | { readonly kind: 'inlineString'; readonly text: string };

export const caBackendTypes = ['builtin', 'provided'] as const;

type Json = Readonly<Record<string, unknown>>;

// Its documentation has long shown `RSAbits`, its schema `rsaBits`: both are written by users.
const rsaBitsNames = ['rsaBits', 'RSAbits'] as const;
const sources = ['secret', 'file', 'inline', 'inlineString'] as const;

/** What is wrong with the type and the settings of a backend. Never shows what a data source holds. */
export function caBackendProblems(at: string, { type, conf }: CaBackend): Problem[] {
  if (type === undefined) return [];
  if (type === 'builtin') return builtinProblems(`${at}.conf`, conf);
  if (type === 'provided') return providedProblems(`${at}.conf`, conf);
  return [{ field: `${at}.type`, reason: `must be one of ${caBackendTypes.join(', ')}; got ${JSON.stringify(type)}` }];
}

/** Reads the settings of a valid `builtin` backend. */
export function builtinCaConf({ conf }: CaBackend): BuiltinCaConf {
  const caCert = ((conf as Json | undefined)?.caCert ?? {}) as Json;
  const rsaBits = rsaBitsNames.map((name) => caCert[name]).find((value) => value !== undefined) as number | undefined;
  const expiration = typeof caCert.expiration === 'string' ? parseDuration(caCert.expiration) : undefined;
  return { ...(rsaBits && { rsaBits }), ...(expiration && { expiration }) };
}

/** Reads the settings of a valid `provided` backend. */
export function providedCaConf({ conf }: CaBackend): ProvidedCaConf {
  const { cert, key } = conf as Json;
  return { cert: dataSource(cert as Json), key: dataSource(key as Json) };
}

function dataSource(source: Json): DataSource {
  if (typeof source.secret === 'string') return { kind: 'secret', name: source.secret };
  if (typeof source.file === 'string') return { kind: 'file', path: source.file };
  if (typeof source.inline === 'string') return { kind: 'inline', base64: source.inline };
  return { kind: 'inlineString', text: String(source.inlineString) };
}

function builtinProblems(at: string, conf: unknown): Problem[] {
  if (conf === undefined) return [];
  if (!isObject(conf)) return [notObject(at, conf)];
  const problems = unknownFields(at, conf, ['caCert']);
  const { caCert } = conf;
  if (caCert === undefined) return problems;
  if (!isObject(caCert)) return [...problems, notObject(`${at}.caCert`, caCert)];
  problems.push(...unknownFields(`${at}.caCert`, caCert, [...rsaBitsNames, 'expiration']));
  for (const name of rsaBitsNames) {
    const bits = caCert[name];
    const field = `${at}.caCert.${name}`;
    if (bits === undefined) continue;
    if (typeof bits !== 'number') problems.push({ field, reason: `must be a number, not ${jsonType(bits)}`, kind: 'malformed' });
    else if (!Number.isInteger(bits) || bits < 2048 || bits > 8192) {
      problems.push({ field, reason: `must be a whole number from 2048 to 8192; got ${bits}` });
    }
  }
  const { expiration } = caCert;
  if (expiration !== undefined) {
    const field = `${at}.caCert.expiration`;
    const life = typeof expiration === 'string' ? parseDuration(expiration) : undefined;
    if (life === undefined) problems.push({ field, reason: 'must be a duration such as 24h, 30d or 10y', kind: 'malformed' });
    else if (life === 0) problems.push({ field, reason: 'must be longer than 0' });
  }
  return problems;
}

function providedProblems(at: string, conf: unknown): Problem[] {
  if (conf === undefined) return [{ field: at, reason: 'must be set: cert and key say where the certificate and its key are' }];
  if (!isObject(conf)) return [notObject(at, conf)];
  return [
    ...unknownFields(at, conf, ['cert', 'key']),
    ...dataSourceProblems(`${at}.cert`, conf.cert),
    ...dataSourceProblems(`${at}.key`, conf.key),
  ];
}

function dataSourceProblems(at: string, source: unknown): Problem[] {
  if (source === undefined) return [{ field: at, reason: `must be set, with one of ${sources.join(', ')}` }];
  if (!isObject(source)) return [notObject(at, source)];
  const problems = unknownFields(at, source, sources);
  const given = sources.filter((name) => source[name] !== undefined);
  if (given.length !== 1)
    problems.push({ field: at, reason: `exactly one of ${sources.join(', ')} must be set; got ${given.join(', ') || 'none'}` });
  for (const name of given) {
    const value = source[name];
    const field = `${at}.${name}`;
    if (typeof value !== 'string')
      problems.push({ field, reason: `must be a string, not ${jsonType(value)}`, kind: 'malformed' });
    else if (value === '') problems.push({ field, reason: 'must not be empty' });
    else if (name === 'inline' && !/^[A-Za-z0-9+/\r\n]+={0,2}[\r\n]*$/.test(value)) {
      problems.push({ field, reason: 'must be base64; inlineString takes plain text', kind: 'malformed' });
    }
  }
  return problems;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notObject(field: string, value: unknown): Problem {
  return { field, reason: `must be an object, not ${jsonType(value)}`, kind: 'malformed' };
}

function unknownFields(at: string, value: Json, known: readonly string[]): Problem[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const guess = nearest(key, known);
      const hint = guess ? `did you mean ${guess}?` : `known here: ${known.join(', ')}`;
      return { field: `${at}.${key}`, reason: `unknown field; ${hint}` };
    });
}
