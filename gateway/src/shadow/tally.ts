import type { FieldCount, KeptDifference, RedactedDifference, ShadowReport, SkipReason } from './shadow.ts';

/** What has been found since the start, per operation, in bounded memory. */
export type Tally = {
  skip(operation: Counted, reason: SkipReason): void;
  equal(operation: Counted): void;
  unrepeated(operation: Counted): void;
  different(operation: Counted, kept: KeptDifference): void;
  report(): readonly ShadowReport[];
  /** Newest first. */
  differences(operationId: string): readonly KeptDifference[];
};

/** An operation of the contract: as many as that has, at most. */
export type Counted = { readonly operationId: string; readonly carveOut: string };

export type TallyLimits = {
  /** Examples of an operation. */
  readonly keptMax: number;
  /** Fields of an operation that are counted one by one; the rest together. */
  readonly fieldsMax: number;
};

type Entry = {
  readonly operation: Counted;
  equal: number;
  different: number;
  unrepeated: number;
  readonly skipped: Partial<Record<SkipReason, number>>;
  readonly fields: Map<string, { -readonly [Name in keyof FieldCount]: FieldCount[Name] }>;
  readonly kept: KeptDifference[];
};

const OTHER_FIELD = '(other)';

export function createTally({ keptMax, fieldsMax }: TallyLimits): Tally {
  const entries = new Map<string, Entry>();
  const entryOf = (operation: Counted): Entry => {
    const found = entries.get(operation.operationId);
    if (found !== undefined) return found;
    const { operationId, carveOut } = operation;
    const made: Entry = {
      operation: { operationId, carveOut },
      equal: 0,
      different: 0,
      unrepeated: 0,
      skipped: {},
      fields: new Map(),
      kept: [],
    };
    entries.set(operationId, made);
    return made;
  };
  const countField = ({ fields }: Entry, { field, kind, unsteady }: RedactedDifference): void => {
    const key = `${kind} ${field}`;
    const name = fields.has(key) || fields.size < fieldsMax ? field : OTHER_FIELD;
    const counted = fields.get(`${kind} ${name}`) ?? { field: name, kind, count: 0, unsteady: 0 };
    counted.count += 1;
    if (unsteady) counted.unsteady += 1;
    fields.set(`${kind} ${name}`, counted);
  };

  return {
    skip: (operation, reason) => {
      const { skipped } = entryOf(operation);
      skipped[reason] = (skipped[reason] ?? 0) + 1;
    },
    equal: (operation) => {
      entryOf(operation).equal += 1;
    },
    unrepeated: (operation) => {
      entryOf(operation).unrepeated += 1;
    },
    different: (operation, kept) => {
      const entry = entryOf(operation);
      entry.different += 1;
      const fields = new Map(kept.differences.map((each) => [`${each.kind} ${each.field}`, each]));
      for (const each of fields.values()) countField(entry, each);
      entry.kept.unshift(kept);
      entry.kept.length = Math.min(entry.kept.length, keptMax);
    },
    report: () =>
      [...entries.values()].map(({ operation, equal, different, unrepeated, skipped, fields }) => ({
        ...operation,
        compared: equal + different + unrepeated,
        equal,
        different,
        unrepeated,
        skipped: { ...skipped },
        fields: [...fields.values()]
          .map((each) => ({ ...each }))
          .sort((one, other) => other.count - one.count),
      })),
    differences: (operationId) => [...(entries.get(operationId)?.kept ?? [])],
  };
}
