import type { FormState } from './fields.ts';

/** `Seat 12A is taken.` names no field: it is put beside the one that asks for the seat. */
export function blameSeat(form: FormState): FormState {
  const seat = /^Seat (\w+) is taken\.$/.exec(form.message ?? '')?.[1];
  if (seat === undefined || form.message === null) return form;
  const [name] =
    Object.entries(form.values).find(
      ([each, value]) => /^passenger_\d+_seat$/.test(each) && value.trim().toUpperCase() === seat,
    ) ?? [];
  if (name === undefined) return form;
  const text = `${form.message} Please choose another.`;
  return { values: form.values, errors: { ...form.errors, [name]: text }, message: null };
}
