/** An amount is a bigint of the currency's smallest unit, of which a hundred make one; a float never holds it. */

const DECIMAL = /^(-?)(\d{1,15})\.(\d{2})$/;

/** `"412.50"` of 41250n. */
export function toDecimal(minor: bigint): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** 41250n of `"412.50"`, with both places; null when it is something else. */
export function parseDecimal(text: string): bigint | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const minor = BigInt(`${match[2]}${match[3]}`);
  return match[1] === '-' ? -minor : minor;
}

/** Math.min takes no bigint. */
export function leastOf(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
