/** The character classes of HTTP/1.1 as tables over bytes (RFC 9110 §5.6.2, §5.5; RFC 9112 §3.2). */
export const HTAB = 9;
export const LF = 10;
export const CR = 13;
export const SP = 32;
export const COLON = 58;
export const SEMICOLON = 59;

const table = (accepts: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (accepts(byte) ? 1 : 0));

const TCHAR = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** tchar: methods and field names. */
export const IS_TOKEN = table((byte) => byte < 128 && TCHAR.includes(String.fromCharCode(byte)));

/** field-vchar, obs-text, SP, HTAB: field values, reason phrases, chunk extensions. */
export const IS_TEXT = table((byte) => byte === HTAB || (byte >= 0x20 && byte !== 0x7f));

/**
 * What may stand in a request target. Wider than the grammar on purpose: clients send raw UTF-8, `"`, `{`
 * and `|`, and monoliths answer them. Only what could end the target or a line is refused.
 */
export const IS_TARGET = table((byte) => byte > 0x20 && byte !== 0x7f);

/** uri-host [ ":" port ] without structure: enough to keep a Host from being read as anything else. */
export const IS_HOST = table(
  (byte) => byte < 128 && /[A-Za-z0-9\-._~%!$&'()*+,;=:[\]]/.test(String.fromCharCode(byte)),
);

/** Value of a hex digit, or -1. */
export const HEX_VALUE = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return byte < 128 && Number.isInteger(digit) ? digit : -1;
});

/** Whether `bytes[start, end)` equals `name`, letter case aside. `name` is in lower case. */
export function equalsIgnoringCase(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    let byte = bytes[start + i] as number;
    if (byte >= 65 && byte <= 90) byte |= 32;
    if (byte !== name.charCodeAt(i)) return false;
  }
  return true;
}
