/** Money as text with two decimals; counted in integer cents. */
const AMOUNT = /^(0|[1-9]\d{0,9})\.\d{2}$/;

export function isAmount(text: unknown): text is string {
  return typeof text === 'string' && AMOUNT.test(text);
}

export function toCents(amount: string): bigint {
  return BigInt(amount.replace('.', ''));
}

export function fromCents(cents: bigint): string {
  const sign = cents < 0n ? '-' : '';
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
