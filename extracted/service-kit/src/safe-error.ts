export type SafeError = {
  type: string;
  code?: string | number;
  message: string;
  stack?: string;
  cause?: SafeError;
};

const DIGITS_OF_A_CARD = /\d(?:[ -]?\d){11,}/g;
const KEYS = /\bmk_[A-Za-z0-9_-]+|\beyJ[A-Za-z0-9_.-]{20,}/g;
/** A quoted part that is no identifier may be a client's value, as in `invalid input syntax for type …: "…"`. */
const QUOTED_VALUE = /"(?![a-z_][a-z0-9_.]*")[^"]*"/g;
const PASSWORD_OF_A_URL = /(:\/\/[^:/@\s]*:)[^@\s]+@/g;
const CAUSES_MAX = 3;
const MESSAGE_CHARACTERS_MAX = 500;
const FRAMES_MAX = 12;

/**
 * An error cut down to what may be logged. Database errors carry the row in `detail` and the client's text in the
 * message, so only named fields are kept, and their values are scrubbed.
 */
export function safeError(error: unknown, depth = 0): SafeError {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: 'something that is no Error was thrown' };
  }
  const code = (error as { code?: unknown }).code;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: scrub(error.message),
    stack: frames.slice(0, FRAMES_MAX).join('\n'),
    ...(error.cause === undefined || depth >= CAUSES_MAX ? {} : { cause: safeError(error.cause, depth + 1) }),
  };
}

export function scrub(message: string): string {
  return message
    .slice(0, MESSAGE_CHARACTERS_MAX)
    .replace(QUOTED_VALUE, '"…"')
    .replace(PASSWORD_OF_A_URL, '$1…@')
    .replace(DIGITS_OF_A_CARD, '…')
    .replace(KEYS, '…');
}
