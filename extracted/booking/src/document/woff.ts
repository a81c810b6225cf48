import { inflateSync } from 'node:zlib';

const HEADER_BYTES = 44;
const ENTRY_BYTES = 20;
const SFNT_HEADER_BYTES = 12;
const SFNT_ENTRY_BYTES = 16;

/**
 * The font inside a WOFF 1.0 file (https://www.w3.org/TR/WOFF/). The PDF library reads WOFF too, but inflates it in
 * JavaScript and anew for every document: seconds for a large font.
 */
export function unpackWoff(woff: Buffer): Buffer {
  if (woff.toString('latin1', 0, 4) !== 'wOFF') throw new Error('this is no WOFF file');
  const count = woff.readUInt16BE(12);
  const head = Buffer.alloc(SFNT_HEADER_BYTES + count * SFNT_ENTRY_BYTES);
  woff.copy(head, 0, 4, 8); // The flavour: what kind of outlines.
  head.writeUInt16BE(count, 4);
  const parts: Buffer[] = [head];
  let offset = head.length;
  for (let index = 0; index < count; index += 1) {
    const entry = HEADER_BYTES + index * ENTRY_BYTES;
    const table = readTable(woff, entry);
    const out = SFNT_HEADER_BYTES + index * SFNT_ENTRY_BYTES;
    woff.copy(head, out, entry, entry + 4); // The tag.
    woff.copy(head, out + 4, entry + 16, entry + 20); // The checksum.
    head.writeUInt32BE(offset, out + 8);
    head.writeUInt32BE(table.length, out + 12);
    const padding = -table.length & 3;
    parts.push(table, Buffer.alloc(padding));
    offset += table.length + padding;
  }
  return Buffer.concat(parts);
}

function readTable(woff: Buffer, entry: number): Buffer {
  const offset = woff.readUInt32BE(entry + 4);
  const packedBytes = woff.readUInt32BE(entry + 8);
  const bytes = woff.readUInt32BE(entry + 12);
  const packed = woff.subarray(offset, offset + packedBytes);
  return packedBytes < bytes ? inflateSync(packed, { maxOutputLength: bytes }) : packed;
}
