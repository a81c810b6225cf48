/** Which errors mean "the database is away", which "try the transaction again", which "not ours to write". */

const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOENT',
]);

/**
 * SQLSTATE: shut down, starting up, too many clients, no such database, cancelled by the time limit, lock not had
 * in time, idle in a transaction for too long.
 */
const SQL_STATES = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '53300',
  '3D000',
  '57014',
  '55P03',
  '25P03',
  '25P04',
]);

/** pg gives these conditions no code. */
const MESSAGES = [
  /timeout exceeded when trying to connect/i,
  /^connection terminated/i,
  /client has encountered a connection error/i,
  /client was closed and is not queryable/i,
  /query read timeout/i,
  /cannot use a pool after calling end/i,
];

const RETRYABLE_STATES = new Set(['40001', '40P01']);
const NOT_THE_OWNER_STATE = 'BNY01';
const READ_ONLY_STATE = '25006';

export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code !== undefined && isFromDatabase(error) && SQL_STATES.has(code)) return true;
  // Still in conflict after all attempts: the client may come again.
  if (code !== undefined && isFromDatabase(error) && RETRYABLE_STATES.has(code)) return true;
  if (code?.startsWith('08') && isFromDatabase(error)) return true;
  if (code !== undefined && SYSTEM_CODES.has(code)) return isOfSocket(error);
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  return MESSAGES.some((pattern) => pattern.test(error.message));
}

/** The connection as such is of no use, which is more than one statement that took too long. */
export function isConnectionLost(error: unknown): boolean {
  if (!isDatabaseUnavailable(error)) return false;
  const code = error instanceof Error ? codeOf(error) : undefined;
  return code === undefined || !['57014', '55P03', '40001', '40P01', '25P03', '25P04'].includes(code);
}

/** Out of disk, memory or connections, or its files cannot be read: SQLSTATE classes 53 and 58. */
export function isDatabaseExhausted(error: unknown): boolean {
  return error instanceof Error && isFromDatabase(error) && /^5[38]/.test(codeOf(error) ?? '');
}

export function isRetryable(error: unknown): boolean {
  const code = error instanceof Error ? codeOf(error) : undefined;
  return code !== undefined && RETRYABLE_STATES.has(code) && isFromDatabase(error as Error);
}

/** Refused by the fence of an aggregate, or by a role that may only read: another side writes it. */
export function isNotTheOwner(error: unknown): boolean {
  if (!(error instanceof Error) || !isFromDatabase(error)) return false;
  return [NOT_THE_OWNER_STATE, READ_ONLY_STATE].includes(codeOf(error) ?? '');
}

/** The name of the constraint that a statement violated, or null. */
export function violatedConstraint(error: unknown): string | null {
  if (!(error instanceof Error) || !codeOf(error)?.startsWith('23')) return null;
  return (error as { constraint?: string }).constraint ?? null;
}

function codeOf(error: Error): string | undefined {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : undefined;
}

function isFromDatabase(error: Error): boolean {
  return 'severity' in error;
}

/** A file that is not there has the same code as a socket that is not. */
function isOfSocket(error: Error): boolean {
  const { syscall } = error as { syscall?: string };
  return syscall !== 'open' && syscall !== 'stat';
}
