import { reasonOf } from '../database.ts';
import { errorCode, Refusal } from '../refusal.ts';

const LOST = /^(08|57P0)|^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/;
const LOST_WORDS = /connection (terminated|ended|closed)|client was closed|not queryable|premature close/i;

/** What went wrong on the way as a refusal, where there is something that an operator can do about it. */
export function asRefusal(error: unknown, aggregate: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) {
    return new Refusal('STOPPED', `The copy of ${aggregate} was asked to stop.`, { cause: error });
  }
  if (error instanceof Refusal) return error;
  const code = errorCode(error) ?? '';
  const reason = reasonOf(error);
  const refuse = (refusal: ConstructorParameters<typeof Refusal>[0], sentence: string) =>
    new Refusal(refusal, sentence, { cause: error });
  if (LOST.test(code) || LOST_WORDS.test(reason)) {
    return refuse(
      'UNREACHABLE',
      `A database was lost on the way (${reason}): see that both run, then run the copy again.`,
    );
  }
  if (code.startsWith('23')) {
    const { detail } = error as { detail?: string };
    return refuse(
      'CONSTRAINT',
      `The receiving database refused a row (${reason}${detail === undefined ? '' : `; ${detail}`}): ` +
        'mend the row, or bring what it refers to there first.',
    );
  }
  if (code.startsWith('22')) {
    return refuse(
      'PLAN',
      `The data plan does not fit a value (${reason}): mend the plan or the column's type.`,
    );
  }
  if (code === '42501') {
    return refuse(
      'NOT_INSTALLED',
      `The role of the database's URL may not do this (${reason}): use the role that owns the tables.`,
    );
  }
  if (code === 'BNY01') {
    return refuse(
      'CONTRADICTION',
      `The copy lost its hold (${reason}): look at banyan.own in both databases.`,
    );
  }
  return error;
}
