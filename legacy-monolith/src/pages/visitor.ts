import type { Request } from 'express';
import { Refusal } from '../http/refusal.ts';
import type { FormTokens } from './form-token.ts';

/** What a form's token is bound to: the session, or the account that an API key speaks for. */
export function visitorOf(req: Request): string {
  const { identity } = req;
  return identity?.via === 'session' ? `session:${req.sessionID}` : `account:${identity?.accountId ?? ''}`;
}

/** 403 unless the token was issued to this visitor for this purpose. */
export function refuseForged(
  tokens: FormTokens,
  req: Request,
  token: string | undefined,
  purpose: string,
): void {
  const verdict = tokens.verify(token, visitorOf(req), purpose);
  if (verdict === 'valid') return;
  const why = verdict === 'expired' ? 'was open for too long' : 'does not belong to your session';
  throw new Refusal('forbidden', `This form ${why}. Please open its page again.`, { code: 'form_token' });
}
