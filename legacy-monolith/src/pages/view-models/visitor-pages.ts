import { type ProfileRow, photoUrl } from '../../profile/profile.ts';
import { type Field, type FormState, field } from '../fields.ts';
import { displayCode, displayDate, groupThousands, initialsOf } from '../format.ts';
import { type TypedForm, toHiddenFields } from '../typed-form.ts';

export type LogInPage = {
  next: string;
  /** What was typed into the form that the log-in interrupts. */
  hidden: Readonly<Record<string, string>>;
  message: string | null;
  notice: string | null;
  fields: readonly Field[];
};

export type ProfilePage = {
  token: string;
  photoToken: string;
  message: string | null;
  saved: boolean;
  photoError: string | null;
  photoUrl: string | null;
  initials: string;
  name: string;
  email: string;
  role: string;
  memberSince: string;
  counts: readonly (readonly [value: string, label: string])[];
  fields: readonly Field[];
};

export function logInPage(parts: {
  form: FormState;
  next: string;
  notice: string | null;
  typed: TypedForm | null;
}): LogInPage {
  const { form, next, notice, typed } = parts;
  return {
    next,
    hidden: typed === null ? {} : toHiddenFields(typed),
    notice,
    message: form.message,
    fields: [
      field(form, 'email', 'E-mail', { kind: 'email', attributes: { autocomplete: 'username' } }),
      field(form, 'password', 'Password', {
        kind: 'password',
        secret: true,
        attributes: { autocomplete: 'current-password' },
      }),
    ],
  };
}

export function profilePage(parts: {
  profile: ProfileRow;
  role: string;
  form: FormState;
  token: string;
  photoToken: string;
  photoError: string | null;
  saved: boolean;
}): ProfilePage {
  const { profile, form } = parts;
  return {
    token: parts.token,
    photoToken: parts.photoToken,
    message: form.message,
    saved: parts.saved,
    photoError: parts.photoError,
    photoUrl: photoUrlOf(profile),
    initials: initialsOf(profile.name),
    name: profile.name,
    email: profile.email,
    role: displayCode(parts.role),
    memberSince: displayDate(profile.created_at),
    counts: [
      [groupThousands(profile.miles), 'miles'],
      ...counted(profile.bookings_upcoming, 'trip ahead', 'trips ahead'),
      ...counted(profile.invoices_open, 'open invoice', 'open invoices'),
    ],
    fields: [
      field(form, 'name', 'Name', { attributes: { autocomplete: 'name', maxlength: '80' } }),
      field(form, 'phone', 'Phone', {
        kind: 'tel',
        optional: true,
        attributes: { autocomplete: 'tel', maxlength: '30' },
      }),
      field(form, 'address', 'Address', {
        kind: 'textarea',
        optional: true,
        attributes: { autocomplete: 'street-address', maxlength: '200', rows: '3' },
      }),
      field(form, 'newsletter', 'Send me offers once a month', { kind: 'check', optional: true }),
    ],
  };
}

/** A figure that nobody could give is left out. */
function counted(count: number | null, one: string, many: string): [value: string, label: string][] {
  return count === null ? [] : [[String(count), count === 1 ? one : many]];
}

function photoUrlOf({ id, photo_hash, photo_type }: ProfileRow): string | null {
  return photo_hash === null || photo_type === null ? null : photoUrl(id, photo_hash, photo_type);
}
