/**
 * Why the mover did not do what it was asked. The message is a sentence for an operator and says what to do; no
 * code is ever used again for something else.
 */
export const REFUSAL_CODES = [
  /** A database cannot be reached, or was lost on the way. */
  'UNREACHABLE',
  /** A database has no ownership, not this one, or tables without their trigger. */
  'NOT_INSTALLED',
  /** What the two databases record cannot both be. */
  'CONTRADICTION',
  /** Another copy of the aggregate is under way. */
  'COPYING',
  /** Open transactions did not end in time. */
  'WRITERS',
  /** The data plan does not fit the tables. */
  'PLAN',
  /** A row broke a rule of the receiving database. */
  'CONSTRAINT',
  /** The two sides do not hold the same rows. */
  'MISMATCH',
  /** It was asked to stop. */
  'STOPPED',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** SQLSTATE of a Postgres error, or the code of a system error. */
export function errorCode(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
