import { createSign, type KeyObject, randomUUID } from 'node:crypto';
import { parseDuration } from '@kuma-mesh/core-model/resources/duration.ts';
import { CliError } from '../cli-error.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A user token (RS256) made without a control plane. @param options.key an RSA key */
export function signUserToken(options: {
  readonly name: string;
  readonly groups: readonly string[] | null;
  readonly validFor: string;
  readonly kid: string;
  readonly key: KeyObject;
}): string {
  const validFor = parseDuration(options.validFor);
  if (validFor === undefined || validFor <= 0) {
    throw new CliError({
      code: 'FLAG_INVALID',
      message: `--valid-for must be a positive duration such as 24h, not "${options.validFor}"`,
    });
  }
  // Five seconds back, for clocks that differ.
  const now = Math.floor(Date.now() / 1000) - 5;
  const claims = {
    Name: options.name,
    Groups: options.groups,
    exp: now + 5 + Math.floor(validFor / 1000),
    nbf: now,
    iat: now,
    jti: randomUUID(),
  };
  const content = `${encode({ alg: 'RS256', kid: options.kid, typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(options.key, 'base64url')}`;
}
