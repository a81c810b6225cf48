import type { Refusal } from '../http/refusal.ts';

const TYPED_IS_KEPT = 'What you typed is still here. Please look it over and send it again.';

/** What a visitor typed, and what is wrong with it, by field; `message` is for no field in particular. */
export type FormState = {
  values: Readonly<Record<string, string>>;
  errors: Readonly<Record<string, string>>;
  message: string | null;
};

export type FieldKind =
  | 'text'
  | 'email'
  | 'tel'
  | 'date'
  | 'month'
  | 'number'
  | 'password'
  | 'textarea'
  | 'select'
  | 'check'
  | 'file';

export type Option = { value: string; label: string; selected: boolean };

/** A field as the view `partials/field` shows it. */
export type Field = {
  id: string;
  name: string;
  label: string;
  kind: FieldKind;
  /** Grid columns of twelve, as a class. */
  width: string;
  value: string;
  checked: boolean;
  error: string | null;
  hint: string | null;
  required: boolean;
  options: readonly Option[];
  /** Attribute names are constants of this code, values may be anybody's. */
  attributes: Readonly<Record<string, string>>;
};

export type FieldSpec = {
  /** Sets the ids of one form apart from those of another on the same page. */
  scope?: string;
  kind?: FieldKind;
  width?: string;
  hint?: string;
  optional?: boolean;
  options?: readonly (readonly [value: string, label: string])[];
  attributes?: Readonly<Record<string, string>>;
  /** Never shown again, whatever was typed: card data, passwords. */
  secret?: boolean;
};

export const NOTHING_TYPED: FormState = { values: {}, errors: {}, message: null };

export function formOf(values: Readonly<Record<string, string | null>>): FormState {
  const typed = Object.entries(values).map(([name, value]) => [name, value ?? '']);
  return { values: Object.fromEntries(typed), errors: {}, message: null };
}

/** A form as it is shown at first, or with what was typed into it before a log-in came between. */
export function withTyped(fresh: FormState, typed: FormState['values'] | null): FormState {
  if (typed === null) return fresh;
  return { ...fresh, values: { ...fresh.values, ...typed }, message: TYPED_IS_KEPT };
}

export function field(form: FormState, name: string, label: string, spec: FieldSpec = {}): Field {
  const value = spec.secret ? '' : ownValue(form.values, name);
  return {
    id: [spec.scope ?? 'field', ...name.split('_')].join('-'),
    name,
    label,
    kind: spec.kind ?? 'text',
    width: spec.width ?? '',
    value,
    checked: value === 'Y',
    error: Object.hasOwn(form.errors, name) ? (form.errors[name] ?? null) : null,
    hint: spec.hint ?? null,
    required: spec.optional !== true,
    options: optionsOf(spec.options ?? [], value),
    attributes: spec.attributes ?? {},
  };
}

/** What was asked for is kept, though it be none of the choices: what is wrong with it is said beside the field. */
function optionsOf(choices: NonNullable<FieldSpec['options']>, value: string): Option[] {
  const offered = choices.map(([option, label]) => ({ value: option, label, selected: option === value }));
  const isOther = choices.length > 0 && value !== '' && !offered.some(({ selected }) => selected);
  return isOther ? [...offered, { value, label: value, selected: true }] : offered;
}

/**
 * A refusal as a form shows it. Bookings name one field (`passengers[0].seat`), billing lists all; `nameOf`
 * gives the form's own name for a field of the domain, or null where the form has none.
 */
export function faultsOf(
  values: Readonly<Record<string, string>>,
  refusal: Refusal,
  nameOf: (path: string) => string | null = (path) => path,
): FormState {
  const errors: Record<string, string> = {};
  const rest: string[] = [];
  const blame = (path: string | null | undefined, text: string): void => {
    const name = path === null || path === undefined ? null : nameOf(path);
    if (name === null || path === null || path === undefined) rest.push(text);
    else errors[name] ??= humanize(path, text);
  };
  const { faults, field: single } = refusal.details;
  if (faults) for (const { field: path, msg } of faults) blame(path, msg);
  else blame(single, refusal.message);
  return { values, errors, message: rest.length > 0 ? rest.join(' ') : null };
}

/** The required fields that were left empty: all of them, where the domain names the first only. */
export function withMissing(form: FormState, required: readonly string[]): FormState {
  const missing = required.filter(
    (name) => ownValue(form.values, name).trim() === '' && !Object.hasOwn(form.errors, name),
  );
  const errors = Object.fromEntries(missing.map((name) => [name, 'Please fill this in.']));
  return { ...form, errors: { ...errors, ...form.errors } };
}

/** The domain speaks of `passengers[0].first_name is required`; beside the field the name says nothing new. */
function humanize(path: string, text: string): string {
  if (text === `${path} is required`) return 'Please fill this in.';
  const bare = text.startsWith(path) ? text.slice(path.length).replace(/^:?\s+/, '') : text;
  const sentence = bare.charAt(0).toUpperCase() + bare.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function ownValue(values: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(values, name) ? (values[name] ?? '') : '';
}
