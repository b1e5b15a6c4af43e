/** Just enough of protobuf's wire format to put bytes that are already encoded into a response without decoding them. */

/** Tag of a length-delimited field, and the length. */
export function header(field: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(headerSize(length));
  writeHeader(bytes, 0, field, length);
  return bytes;
}

export function textField(field: number, text: string): Buffer {
  const bytes = Buffer.allocUnsafe(textFieldSize(text));
  writeTextField(bytes, 0, field, text);
  return bytes;
}

/** Bytes of what {@link writeHeader} writes. Numbers of fields are small: a tag is one byte. */
export function headerSize(length: number): number {
  let size = 2;
  for (let rest = length; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** Bytes of what {@link writeTextField} writes. */
export function textFieldSize(text: string): number {
  const length = Buffer.byteLength(text);
  return headerSize(length) + length;
}

/** @returns the offset after it */
export function writeHeader(into: Buffer, offset: number, field: number, length: number): number {
  let at = offset;
  into[at++] = (field << 3) | 2;
  let rest = length;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) into[at++] = (rest & 0x7f) | 0x80;
  into[at++] = rest;
  return at;
}

/** @returns the offset after it */
export function writeTextField(into: Buffer, offset: number, field: number, text: string): number {
  const at = writeHeader(into, offset, field, Buffer.byteLength(text));
  return at + into.write(text, at);
}
