import { createHmac, timingSafeEqual } from 'node:crypto';

/** A form that was left open so long is refused; what the ledger remembers must reach back further. */
export const FORM_TOKEN_MS = 12 * 3_600_000;
const NONCE_BYTES = 15;

/** What a form's token says about the post that carries it. */
export type TokenVerdict = 'valid' | 'expired' | 'forged';

export type FormTokens = {
  /** A token for one form. `visitor` is the session; `purpose` says what the form does, and to what. */
  issue(visitor: string, purpose: string): string;
  verify(token: string | undefined, visitor: string, purpose: string): TokenVerdict;
};

/**
 * Tokens of forms: `<issued>.<nonce>.<mac>`. Signed and not stored, so that looking at a form writes nothing.
 * The signature covers session and purpose: another site can neither read one nor make one up, and a token of
 * one form does not open another. The nonce makes each token the mark of one form shown once (`form-ledger.ts`).
 */
export function createFormTokens(parts: {
  secret: string;
  clock: () => Date;
  randomBytes: (bytes: number) => Buffer;
}): FormTokens {
  // Apart from the key of the session cookies, which is the secret itself.
  const key = createHmac('sha256', parts.secret).update('form token').digest();
  const mac = (issued: string, nonce: string, visitor: string, purpose: string): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([issued, nonce, visitor, purpose]))
      .digest();
  return {
    issue(visitor, purpose) {
      const issued = parts.clock().getTime().toString(36);
      const nonce = parts.randomBytes(NONCE_BYTES).toString('base64url');
      return `${issued}.${nonce}.${mac(issued, nonce, visitor, purpose).toString('base64url')}`;
    },
    verify(token, visitor, purpose) {
      const [, issued, nonce, signature] = FORM.exec(token ?? '') ?? [];
      if (issued === undefined || nonce === undefined || signature === undefined) return 'forged';
      const expected = mac(issued, nonce, visitor, purpose);
      if (!timingSafeEqual(Buffer.from(signature, 'base64url'), expected)) return 'forged';
      return parts.clock().getTime() - Number.parseInt(issued, 36) > FORM_TOKEN_MS ? 'expired' : 'valid';
    },
  };
}

/** 43 characters of base64url are the 32 bytes of the signature. */
const FORM = /^([0-9a-z]{1,12})\.([\w-]{20})\.([\w-]{43})$/;
