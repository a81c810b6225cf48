import type { Side } from '../rollout/override.ts';

/** What an override may name here. */
export type OverrideNames = {
  /** Why no override that names these can have been signed; a sentence's end. Undefined where all may be named. */
  faultOf(sides: Readonly<Record<string, Side>>): string | undefined;
  /** Name of the carve-out that the configuration declares for a read, active or not. */
  carveOutOf(operationId: string): string | undefined;
};

/** What is said of each operation that a carve-out would take. */
type Declared = {
  readonly name: string;
  readonly operations: Readonly<Record<string, { readonly kind: 'read' | 'write' } | undefined>>;
};

/** `operations` are the contract's; `carveOuts` all that the configuration declares, those without a target too. */
export function createOverrideNames(
  operations: readonly { readonly operationId: string }[],
  carveOuts: readonly Declared[],
): OverrideNames {
  const known = new Set([
    ...operations.map(({ operationId }) => operationId),
    ...carveOuts.map(({ name }) => name),
  ]);
  const readBy = new Map<string, string>();
  const writes = new Set<string>();
  for (const { name, operations: taken } of carveOuts) {
    for (const [operationId, translation] of Object.entries(taken)) {
      if (translation?.kind === 'read') readBy.set(operationId, name);
      else writes.add(operationId);
    }
  }
  return {
    faultOf: (sides) => {
      const names = Object.keys(sides);
      const unknown = names.find((name) => !known.has(name));
      if (unknown !== undefined) {
        return `names ${JSON.stringify(unknown)}, which is no operation of the contract and no carve-out`;
      }
      const write = names.find((name) => writes.has(name));
      return write === undefined ? undefined : `names ${write}, a write, which goes where its owner is`;
    },
    carveOutOf: (operationId) => readBy.get(operationId),
  };
}
