import { hash } from 'node:crypto';
import type { Origin } from '@kuma-mesh/core-model/ir/index.ts';
import type { EncodedResource, XdsTypeUrl } from './encoded.ts';

/** Names the bytes by their hash. */
export function encodedResource(
  typeUrl: XdsTypeUrl,
  name: string,
  bytes: Uint8Array,
  origins?: readonly Origin[],
): EncodedResource {
  const version = hash('sha256', bytes, 'base64url').slice(0, 22);
  return Object.freeze({ typeUrl, name, version, bytes, ...(origins && { origins }) });
}

/** Stands for what could not be encoded. */
export function unencodableResource(typeUrl: XdsTypeUrl, name: string, error: unknown): EncodedResource {
  const unencodable = error instanceof Error ? error.message : String(error);
  return Object.freeze({ ...encodedResource(typeUrl, name, Buffer.from(unencodable)), bytes: noBytes, unencodable });
}

const noBytes = new Uint8Array();

/**
 * Keeps the result by the identity of the argument, for as long as the argument lives: what many proxies share in the
 * IR is encoded once. Sound because values of the IR never change.
 */
export function oncePerObject<A extends object, R>(make: (argument: A) => R): (argument: A) => R {
  const made = new WeakMap<A, R>();
  return (argument) => {
    const known = made.get(argument);
    if (known !== undefined) return known;
    const result = make(argument);
    made.set(argument, result);
    return result;
  };
}
