import { parseDuration } from '@kuma-mesh/core-model/resources/duration.ts';
import type { Problem } from '@kuma-mesh/core-model/resources/resource.ts';
import type { DataplaneClaims, UserClaims, ZoneClaims } from '../auth/claims.ts';
import { ApiError, badRequest } from './api-error.ts';

export interface TokenRequest<Claims> {
  readonly claims: Claims;
  readonly validForSeconds: number;
}

const tenYears = 10 * 365 * 24 * 3600;

/** @throws ApiError with every problem of the request */
export function readDataplaneTokenRequest(body: unknown): TokenRequest<DataplaneClaims> {
  const fields = fieldsOf(body);
  const mesh = text(fields, 'mesh');
  const type = text(fields, 'type');
  const tags = tagValues(fields.tags);
  const claims = { Name: text(fields, 'name'), Mesh: mesh, Tags: tags, Type: type, Workload: text(fields, 'workload') };
  const problems: Problem[] = [];
  if (mesh === '') problems.push({ field: 'mesh', reason: 'must be set' });
  if (!['', 'dataplane', 'ingress', 'egress'].includes(type)) {
    problems.push({ field: 'type', reason: `must be dataplane, ingress or egress, not "${type}"` });
  }
  return checked(claims, validFor(fields, tenYears, problems), problems);
}

/** Zone and scope are taken as they are, as existing clients expect. */
export function readZoneTokenRequest(body: unknown): TokenRequest<ZoneClaims> {
  const fields = fieldsOf(body);
  const problems: Problem[] = [];
  const claims = { Zone: text(fields, 'zone'), Scope: strings(fields, 'scope') ?? [] };
  return checked(claims, validFor(fields, tenYears, problems), problems);
}

export function readUserTokenRequest(body: unknown): TokenRequest<UserClaims> {
  const fields = fieldsOf(body);
  const problems: Problem[] = [];
  const name = text(fields, 'name');
  if (name === '') problems.push({ field: 'name', reason: 'must be set' });
  const claims = { Name: name, Groups: strings(fields, 'groups') ?? null };
  return checked(claims, validFor(fields, undefined, problems), problems);
}

type Fields = Readonly<Record<string, unknown>>;

function checked<Claims>(claims: Claims, validForSeconds: number, problems: readonly Problem[]): TokenRequest<Claims> {
  if (problems.length > 0) throw new ApiError(400, 'Invalid request', 'The token request is not valid', problems);
  return { claims, validForSeconds };
}

function fieldsOf(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest('the body must be a JSON object');
  return body as Fields;
}

function text(fields: Fields, name: string): string {
  const value = fields[name] ?? '';
  if (typeof value !== 'string') throw badRequest(`${name} must be a string`);
  return value;
}

function strings(fields: Fields, name: string): readonly string[] | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!isStrings(value)) throw badRequest(`${name} must be a list of strings`);
  return value;
}

function tagValues(tags: unknown): Readonly<Record<string, readonly string[]>> {
  if (typeof (tags ?? {}) !== 'object' || Array.isArray(tags)) throw badRequest('tags must be an object');
  return Object.fromEntries(
    Object.entries((tags ?? {}) as Fields).map(([tag, values]) => {
      if (!isStrings(values)) throw badRequest(`tags["${tag}"] must be a list of strings`);
      return [tag, [...new Set(values)].sort()];
    }),
  );
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function validFor(fields: Fields, absent: number | undefined, problems: Problem[]): number {
  const stated = text(fields, 'validFor');
  if (stated === '' && absent !== undefined) return absent;
  const milliseconds = parseDuration(stated) ?? 0;
  if (milliseconds > 0) return milliseconds / 1000;
  problems.push({
    field: 'validFor',
    reason: stated === '' ? 'must be set' : `must be a positive duration such as 24h, not "${stated}"`,
  });
  return 0;
}
