import { Refusal } from '../http/refusal.ts';

export type FaultList = {
  /** What the rule reads. Where it refuses, that is noted, and what is given back means nothing: see `refuse`. */
  read<Value>(rule: () => Value): Value;
  note(refusal: Refusal): void;
  /** How many were noted so far. */
  count(): number;
  /** Throws what was noted, if anything: to be called before any value is used. */
  refuse(): void;
};

/**
 * Runs rules that each refuse one field, and refuses for all of them at once. Message and field are the first's,
 * which is all that the API tells; the list is for pages.
 */
export function createFaultList(): FaultList {
  const noted: Refusal[] = [];
  return {
    read<Value>(rule: () => Value) {
      try {
        return rule();
      } catch (error) {
        if (!(error instanceof Refusal) || error.kind !== 'invalid') throw error;
        noted.push(error);
        return undefined as Value;
      }
    },
    note(refusal) {
      noted.push(refusal);
    },
    count: () => noted.length,
    refuse() {
      const [first] = noted;
      if (first === undefined) return;
      const faults = noted.map(({ details, message }) => ({ field: details.field ?? null, msg: message }));
      throw new Refusal('invalid', first.message, { ...first.details, faults });
    },
  };
}
