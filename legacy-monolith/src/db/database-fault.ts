/** Which errors mean "the database is away", and which mean "try the transaction again". */

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

/** Of a write to what another database owns: a change of owner is under way, and this side does not know it yet. */
const NOT_THE_OWNER = 'BNY01';

/** SQLSTATE: shut down, starting up, too many clients, no such database, cancelled by the time limit. */
const SQL_STATES = new Set([
  ...['57P01', '57P02', '57P03', '57P05', '53300', '3D000', '57014', '55P03'],
  NOT_THE_OWNER,
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

export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code !== undefined && isFromDatabase(error) && SQL_STATES.has(code)) return true;
  // Still in conflict after all attempts: the client may come again.
  if (code !== undefined && RETRYABLE_STATES.has(code)) return true;
  if (code?.startsWith('08')) return true;
  if (code !== undefined && SYSTEM_CODES.has(code)) return (error as { syscall?: string }).syscall !== 'open';
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  return MESSAGES.some((pattern) => pattern.test(error.message));
}

/** Out of disk, memory or connections, or its files cannot be read: SQLSTATE classes 53 and 58. */
export function isDatabaseExhausted(error: unknown): boolean {
  return error instanceof Error && isFromDatabase(error) && /^5[38]/.test(codeOf(error) ?? '');
}

export function isNotTheOwner(error: unknown): boolean {
  return error instanceof Error && isFromDatabase(error) && codeOf(error) === NOT_THE_OWNER;
}

export function isRetryable(error: unknown): boolean {
  const code = error instanceof Error ? codeOf(error) : undefined;
  return code !== undefined && RETRYABLE_STATES.has(code);
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
