/** What a simulated sidecar reads of a `DeltaDiscoveryResponse`: where resources are, without what is in them. */
export interface DeltaResponse {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly { readonly version: string; readonly value: Uint8Array }[];
  readonly removed: readonly string[];
}

/**
 * By hand: most resources are known by their version, and a codec would copy every one of them for each of a thousand
 * sidecars. Field numbers are those of `envoy.service.discovery.v3` and `google.protobuf.Any`.
 */
export function readDeltaResponse(message: Buffer): DeltaResponse {
  let typeUrl = '';
  let nonce = '';
  const resources: { version: string; value: Uint8Array }[] = [];
  const removed: string[] = [];
  for (const [field, bytes] of fieldsOf(message)) {
    if (field === 2) resources.push(readResource(bytes));
    else if (field === 4) typeUrl = textOf(bytes);
    else if (field === 5) nonce = textOf(bytes);
    else if (field === 6) removed.push(textOf(bytes));
  }
  return { typeUrl, nonce, resources, removed };
}

function readResource(message: Buffer): { version: string; value: Uint8Array } {
  let version = '';
  let value: Uint8Array = nothing;
  for (const [field, bytes] of fieldsOf(message)) {
    if (field === 1) version = textOf(bytes);
    else if (field === 2) value = fieldsOf(bytes).find(([inAny]) => inAny === 2)?.[1] ?? nothing;
  }
  return { version, value };
}

const nothing = Buffer.alloc(0);

function textOf(bytes: Buffer): string {
  return bytes.toString('utf8');
}

/** Fields of length-delimited types, of which alone these messages are made. */
function fieldsOf(message: Buffer): (readonly [field: number, bytes: Buffer])[] {
  const fields: (readonly [number, Buffer])[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    if ((tag & 7) !== 2) throw new Error(`a field of wire type ${tag & 7} in a response`);
    const length = varint();
    fields.push([tag >>> 3, message.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}
