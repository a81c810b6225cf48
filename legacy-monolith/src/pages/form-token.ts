import { createHmac, timingSafeEqual } from 'node:crypto';

/** A form that was left open so long is refused; what the ledger remembers must reach back further. */
export const FORM_TOKEN_MS = 12 * 3_600_000;
const NONCE_BYTES = 15;
/** An id may come from another process, whose clock is a little ahead. */
const CLOCKS_APART_MS = 60_000;

/** What a form's token says about the post that carries it. */
export type TokenVerdict = 'valid' | 'expired' | 'forged';

export type FormTokens = {
  /** What tells one form from all others. It is no secret: it may stand in an address. */
  newId(): string;
  /** Whether this is an id that a form may still be shown under. */
  isOpen(formId: string | undefined): boolean;
  /**
   * A token for one form. `visitor` is the session; `purpose` says what the form does, and to what. A form that is
   * shown again under its id is the same form.
   */
  issue(visitor: string, purpose: string, formId?: string): string;
  verify(token: string | undefined, visitor: string, purpose: string): TokenVerdict;
};

/**
 * Tokens of forms: `<issued>.<nonce>.<mac>`, the id and its signature. Signed and not stored, so that looking at a
 * form writes nothing. The signature covers session and purpose: another site can neither read one nor make one
 * up, and a token of one form does not open another. The id makes each token the mark of one form, which counts
 * once (`form-ledger.ts`, `bookings/booking-form.ts`).
 */
export function createFormTokens(parts: {
  secret: string;
  clock: () => Date;
  randomBytes: (bytes: number) => Buffer;
}): FormTokens {
  // Apart from the key of the session cookies, which is the secret itself.
  const key = createHmac('sha256', parts.secret).update('form token').digest();
  const mac = (formId: string, visitor: string, purpose: string): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([formId, visitor, purpose]))
      .digest();
  const ageMs = (formId: string): number => parts.clock().getTime() - Number.parseInt(formId, 36);
  const newId = (): string => {
    const issued = parts.clock().getTime().toString(36);
    return `${issued}.${parts.randomBytes(NONCE_BYTES).toString('base64url')}`;
  };
  return {
    newId,
    isOpen(formId) {
      if (formId === undefined || !ID.test(formId)) return false;
      const age = ageMs(formId);
      return age >= -CLOCKS_APART_MS && age <= FORM_TOKEN_MS;
    },
    issue: (visitor, purpose, formId = newId()) =>
      `${formId}.${mac(formId, visitor, purpose).toString('base64url')}`,
    verify(token, visitor, purpose) {
      const [, formId, signature] = TOKEN.exec(token ?? '') ?? [];
      if (formId === undefined || signature === undefined) return 'forged';
      const expected = mac(formId, visitor, purpose);
      if (!timingSafeEqual(Buffer.from(signature, 'base64url'), expected)) return 'forged';
      return ageMs(formId) > FORM_TOKEN_MS ? 'expired' : 'valid';
    },
  };
}

/** The id in a token that was verified. */
export function formIdOf(token: string): string {
  return token.slice(0, token.lastIndexOf('.'));
}

/** When the form was first shown, to base 36, and the nonce. */
const ID = /^[0-9a-z]{1,12}\.[\w-]{20}$/;
/** 43 characters of base64url are the 32 bytes of the signature. */
const TOKEN = /^([0-9a-z]{1,12}\.[\w-]{20})\.([\w-]{43})$/;
