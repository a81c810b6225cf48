/**
 * A booking's reference and its invoice's number derive from its id, so whoever holds one has all three and nobody
 * stores them. The reference scatters neighbouring ids over 30 bits: not a secret, just not countable.
 */

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const MASK = (1n << 30n) - 1n;
const FACTOR = 0x2f6e2b1n;
const MIX = 0x155a3c96n;

/** Ids of bookings have 30 bits wherever they are allotted. Throws a RangeError for another one. */
export function bookingReference(id: bigint): string {
  if (id < 0n || id > MASK) throw new RangeError('a booking id has 30 bits');
  let scattered = ((id * FACTOR) & MASK) ^ MIX;
  let text = '';
  for (let place = 0; place < 6; place += 1) {
    text = (ALPHABET[Number(scattered & 31n)] as string) + text;
    scattered >>= 5n;
  }
  return text;
}

export function invoiceNumber(bookingId: bigint): string {
  return `INV-${bookingId.toString().padStart(11, '0')}`;
}
