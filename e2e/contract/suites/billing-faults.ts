import type { Answer } from '../api.ts';

/** The fields that an error of the billing family blames, in its order. */
export function fieldsOf(answer: Answer): (string | null)[] {
  return (answer.body as { errors: { field: string | null }[] }).errors.map(({ field }) => field);
}
