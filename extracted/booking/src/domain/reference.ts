/**
 * A booking's reference and its invoice's number derive from its id, so whoever holds one has all three and nobody
 * stores them. The reference scatters neighbouring ids over 30 bits: not a secret, just not countable.
 */

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BITS = 30n;
const MASK = (1n << BITS) - 1n;
const FACTOR = 0x2f6e2b1n;
/** Inverse of the odd FACTOR modulo 2^30. */
const INVERSE = inverseModulo(FACTOR);
const MIX = 0x155a3c96n;

/** Bookings' ids are bounded by the schema so that six characters hold them. */
export const BOOKING_ID_MAX = MASK;

/** Throws a RangeError for what is no booking's id. */
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

/** The booking id of a reference, in either case, or null when it is none. */
export function bookingIdOfReference(reference: string): bigint | null {
  // ASCII only: some letters become two, or another one's capital, when they are made capitals.
  if (!/^[0-9A-Za-z]{6}$/.test(reference)) return null;
  let scattered = 0n;
  for (const character of reference.toUpperCase()) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return null;
    scattered = (scattered << 5n) | BigInt(digit);
  }
  return ((scattered ^ MIX) * INVERSE) & MASK;
}

export function invoiceNumber(bookingId: bigint): string {
  return `INV-${bookingId.toString().padStart(11, '0')}`;
}

function inverseModulo(odd: bigint): bigint {
  // Newton's iteration doubles the number of right bits each time: 5 rounds are enough for 32.
  let inverse = odd;
  for (let round = 0; round < 5; round += 1) inverse = (inverse * (2n - odd * inverse)) & MASK;
  return inverse;
}
