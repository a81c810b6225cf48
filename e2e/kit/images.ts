import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const GREY_8_BIT = Buffer.from([8, 0, 0, 0, 0]);

/** A real PNG: a square of one shade of grey, 0 to 255. */
export function pngSquare(sidePixels: number, shade: number): Buffer {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(sidePixels, 0);
  size.writeUInt32BE(sidePixels, 4);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(sidePixels, shade)]);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', Buffer.concat([size, GREY_8_BIT])),
    chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: sidePixels }, () => row)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
