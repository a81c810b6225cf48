import type { Identity, TranslationRequest } from '@banyan/gateway/carve-out';
import { Refusal } from '@meridian/habits/refusal';

/** How the site's own script says which form its call comes from. Other clients send none. */
const FORM_ID_HEADER = 'X-Form-Id';
const FORM_ID = /^[\w.-]{1,64}$/;

/** The form's id of a call, nothing where there is none, or the 400. */
export function formIdOf(request: Pick<TranslationRequest, 'headers'>): string | undefined {
  const id = request.headers.get(FORM_ID_HEADER.toLowerCase());
  if (id === undefined) return undefined;
  if (!FORM_ID.test(id)) throw new Refusal('bad_request', `${FORM_ID_HEADER} is not valid.`);
  return id;
}

/** A form is its sender's and its flight's: another's of the same id makes a booking of its own. */
export function formKey(formId: string, identity: Pick<Identity, 'account'>, flightId: bigint): string {
  return `form/${identity.account}/${flightId}/${formId}`;
}
