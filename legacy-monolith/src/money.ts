/** Money is a decimal string outside and BigInt cents inside; a float never holds it. */

const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,2}))?$/;

/** Cents of `"412.50"`. Throws on anything else: only the database and own code call this. */
export function toCents(decimal: string): bigint {
  const cents = parseCents(decimal);
  if (cents === null) throw new RangeError('not a decimal amount with two places');
  return cents;
}

/** Cents of a client's text (`"12"`, `"12.5"`, `"12.50"`), or null when it is no amount. */
export function parseCents(text: string): bigint | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const cents = BigInt(match[2] as string) * 100n + BigInt((match[3] ?? '').padEnd(2, '0'));
  return match[1] === '-' ? -cents : cents;
}

/** `"412.50"` of 41250n. */
export function fromCents(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** So many percent of an amount, half a cent rounded away from zero. */
export function percentOf(cents: bigint, percent: bigint): bigint {
  const scaled = cents * percent;
  const magnitude = scaled < 0n ? -scaled : scaled;
  const rounded = (magnitude + 50n) / 100n;
  return scaled < 0n ? -rounded : rounded;
}

export function leastOf(one: bigint, other: bigint): bigint {
  // Math.min takes no BigInt.
  return [one, other].reduce((least, each) => (each < least ? each : least));
}
