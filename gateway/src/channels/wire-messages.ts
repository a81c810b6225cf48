import { BinaryReader } from '@bufbuild/protobuf/wire';

/** A field of a protobuf message: its number, and the reader that stands before its value. */
type OnField = (field: number, reader: BinaryReader) => boolean;

/**
 * Reads the few messages that the gateway itself understands, whoever's service sends them: `ownership.v1`,
 * `grpc.health.v1` and `google.rpc`. `onField` reads a value and says true; of what it does not know it says false.
 */
export function readMessage(bytes: Uint8Array, onField: OnField): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (!onField(field, reader)) reader.skip(wireType, field);
  }
}
