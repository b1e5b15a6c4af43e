import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * Adds a message that is encoded already to one that is being written: where of thousands one changes at a time, only that
 * one is encoded anew.
 * @param field number of the field in the definition of the message that is being written
 */
export function addPart(message: BinaryWriter, field: number, part: Uint8Array): void {
  message.tag(field, WireType.LengthDelimited).bytes(part);
}
