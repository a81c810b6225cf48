export type SeatState = 'free' | 'taken' | 'mine';

export type SeatView = { name: string; state: SeatState; label: string };

export type CabinRow = {
  number: number;
  exit: boolean;
  /** Seats that no aisle divides. */
  groups: readonly (readonly SeatView[])[];
};

/** The cabin from above, nose up. */
export type Cabin = {
  flightId: string;
  wide: boolean;
  letters: readonly (readonly string[])[];
  rows: readonly CabinRow[];
};

/** Seats beside one another, by how many there are in a row: one aisle up to six, two above. */
const GROUPS: Readonly<Record<number, readonly number[]>> = {
  4: [2, 2],
  5: [2, 3],
  6: [3, 3],
  7: [2, 3, 2],
  8: [2, 4, 2],
  9: [3, 3, 3],
  10: [3, 4, 3],
};

export function cabinOf(
  map: { id: string; rows: number; columns: string; taken: readonly string[] },
  mine: readonly string[] = [],
): Cabin {
  const letters = groupsOf(map.columns);
  const taken = new Set(map.taken);
  const own = new Set(mine);
  const exits = exitRows(map.rows);
  const seat = (row: number, letter: string): SeatView => {
    const name = `${row}${letter}`;
    const state = own.has(name) ? 'mine' : taken.has(name) ? 'taken' : 'free';
    return { name, state, label: `Seat ${name}, ${placeOf(letter, letters)}` };
  };
  return {
    flightId: map.id,
    wide: map.columns.length > 6,
    letters,
    rows: Array.from({ length: map.rows }, (_, index) => ({
      number: index + 1,
      exit: exits.has(index + 1),
      groups: letters.map((group) => group.map((letter) => seat(index + 1, letter))),
    })),
  };
}

function groupsOf(columns: string): string[][] {
  const sizes = GROUPS[columns.length] ?? [columns.length];
  let start = 0;
  return sizes.map((size) => {
    const group = [...columns.slice(start, start + size)];
    start += size;
    return group;
  });
}

/** Two neighbouring rows over the wing; a cosmetic of the drawing, no rule depends on it. */
function exitRows(rows: number): ReadonlySet<number> {
  const overWing = Math.round(rows * 0.42);
  return new Set([overWing, overWing + 1]);
}

function placeOf(letter: string, letters: readonly (readonly string[])[]): string {
  if (letter === letters[0]?.[0] || letter === letters.at(-1)?.at(-1)) return 'window';
  const group = letters.find((each) => each.includes(letter)) ?? [];
  return letter === group[0] || letter === group.at(-1) ? 'aisle' : 'middle';
}
