import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';
import { contentVersion } from './content-version.ts';
import { header, textField } from './protobuf.ts';
import { RecentlyMade } from './recently-made.ts';

/**
 * Responses are put together from bytes: what stands before a resource's own bytes (name, version, type, lengths) is made
 * once per resource and form, and shared by all streams as the resource is. Field numbers are those of
 * `envoy.service.discovery.v3` and `google.protobuf.Any`.
 */
const deltaPrefixes = new WeakMap<EncodedResource, Buffer>();
const sotwPrefixes = new WeakMap<EncodedResource, Buffer>();

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
    const parts: Uint8Array[] = [textField(5, nonce), textField(1, contentVersion(resources, removed)), textField(4, typeUrl)];
    for (const resource of resources) {
      parts.push(prefix(deltaPrefixes, resource, deltaPrefix), resource.bytes);
    }
    for (const name of removed) {
      parts.push(textField(6, name));
    }
    return { nonce, bytes: Buffer.concat(parts) };
  });
}

/** `DiscoveryResponse`. A peer says its nonce with each further wish, so that each stream has its own. */
export function encodeSotwResponse({ typeUrl, resources }: Omit<DeltaResponse, 'removed'>): WireResponse {
  const body = sotwBodies.once(typeUrl, resources, [], () => {
    const parts: Uint8Array[] = [textField(1, contentVersion(resources, [])), textField(4, typeUrl)];
    for (const resource of resources) {
      parts.push(prefix(sotwPrefixes, resource, sotwPrefix), resource.bytes);
    }
    return Buffer.concat(parts);
  });
  const nonce = nextNonce();
  return { nonce, bytes: Buffer.concat([textField(5, nonce), body]) };
}

function prefix(
  known: WeakMap<EncodedResource, Buffer>,
  resource: EncodedResource,
  make: (resource: EncodedResource) => Buffer,
): Buffer {
  const made = known.get(resource);
  if (made) {
    return made;
  }
  // Small buffers lie in slabs that are kept whole for as long as one of them is; this one lives as long as its resource.
  const fresh = unpooled(make(resource));
  known.set(resource, fresh);
  return fresh;
}

function unpooled(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** `resources` of a delta response up to the value: the Any comes last, so that the value can follow as it is. */
function deltaPrefix(resource: EncodedResource): Buffer {
  const any = anyPrefix(resource);
  const anyLength = any.length + resource.bytes.length;
  const head = Buffer.concat([textField(3, resource.name), textField(1, resource.version), header(2, anyLength), any]);
  return Buffer.concat([header(2, head.length + resource.bytes.length), head]);
}

function sotwPrefix(resource: EncodedResource): Buffer {
  const any = anyPrefix(resource);
  return Buffer.concat([header(2, any.length + resource.bytes.length), any]);
}

function anyPrefix(resource: EncodedResource): Buffer {
  return Buffer.concat([textField(1, resource.typeUrl), header(2, resource.bytes.length)]);
}
