import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';
import { contentVersion } from './content-version.ts';
import { headerSize, textField, textFieldSize, writeHeader, writeTextField } from './protobuf.ts';
import { RecentlyMade } from './recently-made.ts';

/**
 * Responses are put together from bytes: each is measured, and then written into one buffer around the resources' own bytes.
 * Field numbers are those of `envoy.service.discovery.v3` and `google.protobuf.Any`.
 */
const deltaResponses = new RecentlyMade<WireResponse>();
const sotwBodies = new RecentlyMade<Buffer>();

/** A response as it goes out, and the nonce in it by which its receiver answers. */
export interface WireResponse {
  readonly nonce: string;
  readonly bytes: Buffer;
}

let responses = 0;

/** No two responses have the same, whichever streams they go to. */
function nextNonce(): string {
  responses += 1;
  return String(responses);
}

export interface DeltaResponse {
  readonly typeUrl: string;
  readonly resources: readonly EncodedResource[];
  readonly removed: readonly string[];
}

/**
 * `DeltaDiscoveryResponse`. Streams that are told the same share one, nonce and all: endpoints of a large mesh are copied for
 * none of them. In this form a peer says a nonce only to answer, and answers once.
 */
export function encodeDeltaResponse({ typeUrl, resources, removed }: DeltaResponse): WireResponse {
  return deltaResponses.once(typeUrl, resources, removed, () => {
    const nonce = nextNonce();
    const version = contentVersion(resources, removed);
    let size = textFieldSize(nonce) + textFieldSize(version) + textFieldSize(typeUrl);
    for (const resource of resources) size += fieldSize(deltaResourceSize(resource));
    for (const name of removed) size += textFieldSize(name);
    const bytes = Buffer.allocUnsafe(size);
    let at = writeTextField(bytes, 0, 5, nonce);
    at = writeTextField(bytes, at, 1, version);
    at = writeTextField(bytes, at, 4, typeUrl);
    for (const resource of resources) at = writeDeltaResource(bytes, at, 2, resource);
    for (const name of removed) at = writeTextField(bytes, at, 6, name);
    return { nonce, bytes };
  });
}

/** `DiscoveryResponse`. A peer says its nonce with each further wish, so that each stream has its own. */
export function encodeSotwResponse({ typeUrl, resources }: Omit<DeltaResponse, 'removed'>): WireResponse {
  const body = sotwBodies.once(typeUrl, resources, [], () => {
    const version = contentVersion(resources, []);
    let size = textFieldSize(version) + textFieldSize(typeUrl);
    for (const resource of resources) size += fieldSize(anySize(resource));
    const bytes = Buffer.allocUnsafe(size);
    let at = writeTextField(bytes, 0, 1, version);
    at = writeTextField(bytes, at, 4, typeUrl);
    for (const resource of resources) at = writeAny(bytes, at, 2, resource);
    return bytes;
  });
  const nonce = nextNonce();
  return { nonce, bytes: Buffer.concat([textField(5, nonce), body]) };
}

/** Of a field with content of this size, tag and length included. */
function fieldSize(size: number): number {
  return headerSize(size) + size;
}

/** `Resource` of the delta form. */
function deltaResourceSize(resource: EncodedResource): number {
  return textFieldSize(resource.name) + textFieldSize(resource.version) + fieldSize(anySize(resource));
}

function writeDeltaResource(into: Buffer, offset: number, field: number, resource: EncodedResource): number {
  let at = writeHeader(into, offset, field, deltaResourceSize(resource));
  at = writeTextField(into, at, 3, resource.name);
  at = writeTextField(into, at, 1, resource.version);
  return writeAny(into, at, 2, resource);
}

function anySize({ typeUrl, bytes }: EncodedResource): number {
  return textFieldSize(typeUrl) + fieldSize(bytes.length);
}

function writeAny(into: Buffer, offset: number, field: number, resource: EncodedResource): number {
  const { typeUrl, bytes } = resource;
  let at = writeHeader(into, offset, field, anySize(resource));
  at = writeTextField(into, at, 1, typeUrl);
  at = writeHeader(into, at, 2, bytes.length);
  into.set(bytes, at);
  return at + bytes.length;
}
