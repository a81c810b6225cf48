/** How much of an answer there is: more than one write of a stream, so that two sides could mix in it. */
export const LINES = 40;
/** Of a stream, that many at a time. */
export const LINES_AT_ONCE = 8;

/** What both sides know of a record, and say on every line of an answer about it. */
export type Said = {
  /** `monolith`, or the carve-out whose service it was. */
  readonly side: string;
  readonly operationId: string;
  readonly id: string;
  readonly account: string;
  /** Counts the record's changes. */
  readonly revision: number;
};

export function lineOf({ side, operationId, id, account, revision }: Said): string {
  return `${side} ${operationId} ${id} of ${account} r${revision}\n`;
}

/** What an answer says, if it is whole and all of it says the same; else what is wrong with it. */
export function readAnswer(text: string): Said | string {
  const [first = ''] = text.split('\n', 1);
  const [, side = '', operationId = '', id = '', account = '', revision = ''] =
    /^(\S+) (\S+) (\S+) of (\S+) r(\d+)$/.exec(first) ?? [];
  const said = { side, operationId, id, account, revision: Number(revision) };
  if (text === lineOf(said).repeat(LINES)) return said;
  const others = new Set(text.split('\n'));
  return `${text.length} bytes in ${others.size} kinds of lines: ${[...others].slice(0, 3).join(' | ').slice(0, 200)}`;
}
