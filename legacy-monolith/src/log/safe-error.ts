export type SafeError = { type: string; code?: string; message: string; stack?: string; cause?: SafeError };

const DIGITS_OF_A_CARD = /\d(?:[ -]?\d){11,}/g;
const API_KEY = /\bmk_[A-Za-z0-9_-]+/g;
/** A quoted part that is no identifier may be a client's value, as in `invalid input syntax for type …: "…"`. */
const QUOTED_VALUE = /"(?![a-z_][a-z0-9_]*")[^"]*"/g;

/**
 * An error cut down to what may be logged. Database errors carry the row in `detail` and the client's text in
 * the message, and parsers quote their input, so only named fields are kept, and their values are scrubbed.
 */
export function safeError(error: unknown, depth = 0): SafeError {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'something that is no Error was thrown' };
  const message = scrub(error.message);
  const code = (error as { code?: unknown }).code;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message,
    stack: frames.slice(0, 12).join('\n'),
    ...(error.cause === undefined || depth >= 3 ? {} : { cause: safeError(error.cause, depth + 1) }),
  };
}

export function scrub(message: string): string {
  const cut = message.slice(0, 500);
  return cut.replace(QUOTED_VALUE, '"…"').replace(DIGITS_OF_A_CARD, '…').replace(API_KEY, '…');
}
