/** Just enough of protobuf's wire format to put bytes that are already encoded into a response without decoding them. */

/** Tag of a length-delimited field, and the length. */
export function header(field: number, length: number): Buffer {
  return Buffer.from([(field << 3) | 2, ...varint(length)]);
}

export function textField(field: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([header(field, bytes.length), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
