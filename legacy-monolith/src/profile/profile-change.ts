import { invalidField } from '../http/refusal.ts';
import { isSingleLine, isStorable, lengthOf } from '../http/text.ts';

/** What is to change; undefined keeps a field, null clears it. */
export type ProfileChange = {
  name: string | undefined;
  phone: string | null | undefined;
  address: string | null | undefined;
  newsletter: 'Y' | 'N' | undefined;
};

const LENGTH_MAX = { name: 80, phone: 30, address: 200 } as const;

/** The body of updateProfile; throws the 422 of the first fault. */
export function parseProfileChange(values: Readonly<Record<string, unknown>>): ProfileChange {
  return {
    name: nameOf(values),
    phone: textOf(values, 'phone'),
    address: textOf(values, 'address'),
    newsletter: newsletterOf(values),
  };
}

function nameOf(values: Readonly<Record<string, unknown>>): string | undefined {
  const name = textOf(values, 'name');
  if (name === null || name?.trim() === '') throw invalidField('name', 'name must not be empty');
  return name;
}

function textOf(
  values: Readonly<Record<string, unknown>>,
  field: keyof typeof LENGTH_MAX,
): string | null | undefined {
  const value = values[field];
  if (value === undefined) return undefined;
  if (value === null || value === '') return null;
  if (typeof value !== 'string') throw invalidField(field, `${field} must be a string`);
  // An address has several lines.
  if (!isStorable(value) || (field !== 'address' && !isSingleLine(value))) {
    throw invalidField(field, `${field} contains characters that are not allowed`);
  }
  if (lengthOf(value) > LENGTH_MAX[field]) {
    throw invalidField(field, `${field} must have at most ${LENGTH_MAX[field]} characters`);
  }
  return value;
}

function newsletterOf(values: Readonly<Record<string, unknown>>): 'Y' | 'N' | undefined {
  const value = values.newsletter;
  if (value === undefined) return undefined;
  // Cleared is not subscribed.
  if (value === null || value === '') return 'N';
  if (value !== 'Y' && value !== 'N') throw invalidField('newsletter', 'newsletter must be Y or N');
  return value;
}
