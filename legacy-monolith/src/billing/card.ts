export const CARD_BRANDS = ['VISA', 'MASTERCARD', 'AMEX', 'OTHER'] as const;
export type CardBrand = (typeof CARD_BRANDS)[number];

/** A card as the acquirer gets it. Never stored and never logged; `brandOf` and the last four are what is kept. */
export type Card = { number: string; expiry: string; cvc: string; holder: string };

/** The digits of what a person typed, spaces and dashes taken out; null when it can be no card number. */
export function parseCardNumber(text: string): string | null {
  const digits = text.replace(/[ -]/g, '');
  return /^\d{12,19}$/.test(digits) && passesLuhn(digits) ? digits : null;
}

/** ISO/IEC 7812-1, annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const weighted = place % 2 === 1 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

export function brandOf(digits: string): CardBrand {
  const two = Number(digits.slice(0, 2));
  const four = Number(digits.slice(0, 4));
  if (digits.startsWith('4')) return 'VISA';
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return 'MASTERCARD';
  if (two === 34 || two === 37) return 'AMEX';
  return 'OTHER';
}

export const EXPIRY_FORM = /^(0[1-9]|1[0-2])\/(\d{2})$/;

/** A card holds to the end of its month, UTC. `expiry` has the form MM/YY. */
export function isExpired(expiry: string, now: Date): boolean {
  const match = EXPIRY_FORM.exec(expiry);
  if (!match) throw new RangeError('an expiry has the form MM/YY');
  const endsAt = Date.UTC(2000 + Number(match[2]), Number(match[1]), 1);
  return now.getTime() >= endsAt;
}
