import type { HeadEdits } from '../datapath/head-edits.ts';
import type { RequestHead } from '../wire/request-head.ts';

export const OVERRIDE_HEADER = 'X-Banyan-Override';
export const OVERRIDE_COOKIE = 'banyan_override';
/** Value of the Set-Cookie that takes an override from a browser. */
export const CLEAR_OVERRIDE_COOKIE = `${OVERRIDE_COOKIE}=; Path=/; Max-Age=0`;

/** Where a request carries an override, and what it says. Undefined: it carries none. */
export type FoundOverride =
  | { readonly where: string; readonly text: string; readonly fault?: undefined }
  | { readonly where: string; readonly text?: undefined; readonly fault: string }
  | undefined;

const IN_HEADER = `header ${OVERRIDE_HEADER}`;
const IN_COOKIE = `cookie ${OVERRIDE_COOKIE}`;
const HEADER_NAME = OVERRIDE_HEADER.toLowerCase();
const HEADER_ALONE: HeadEdits = { omit: new Set([HEADER_NAME]) };
const HEADER_AND_COOKIE = new Set([HEADER_NAME, 'cookie']);
const COOKIE_BYTES = Buffer.from(OVERRIDE_COOKIE);

/** False for a request that carries none, at the cost of a look; true for one that may. */
export function mayCarryOverride(head: RequestHead): boolean {
  if (head.hasOverride) return true;
  if (!head.hasCookie) return false;
  const at = head.bytes.indexOf(COOKIE_BYTES, head.fieldsStart);
  return at !== -1 && at < head.end;
}

/**
 * The header wins, and the cookie is then not looked at. A header that is repeated, and cookies that differ, are
 * faults: which of them was meant is not ours to guess. A cookie's value may stand in double quotes (RFC 6265 §4.1.1).
 */
export function findOverride(head: RequestHead): FoundOverride {
  if (head.hasOverride) {
    const [text = '', ...others] = head.values(HEADER_NAME);
    if (others.length > 0) return { where: IN_HEADER, fault: 'is there more than once' };
    return { where: IN_HEADER, text };
  }
  const [text, ...others] = new Set(head.values('cookie').flatMap(overrideCookies));
  if (text === undefined) return undefined;
  if (others.length > 0) return { where: IN_COOKIE, fault: 'is there more than once, with different values' };
  return { where: IN_COOKIE, text };
}

/**
 * What takes an override out of a request, header and cookies, and leaves the rest in its place; a Cookie line that
 * held nothing else goes. Undefined where there is none.
 */
export function overrideEdits(head: RequestHead): HeadEdits | undefined {
  if (!mayCarryOverride(head)) return undefined;
  const fields = head.listFields();
  const cookies: string[] = [];
  let isOurs = false;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (name.toLowerCase() !== 'cookie') continue;
    const rest = withoutOverrideCookies(value);
    if (rest !== value) isOurs = true;
    // One that was empty as it came stays.
    if (rest !== '' || value === '') cookies.push(name, rest);
  }
  if (isOurs) return { omit: HEADER_AND_COOKIE, append: cookies };
  return head.hasOverride ? HEADER_ALONE : undefined;
}

/** The value of a Cookie field without ours; empty where nothing else is in it. */
function withoutOverrideCookies(value: string): string {
  const pairs = value.split(';');
  const kept = pairs.filter((pair) => !isOverrideCookie(pair));
  if (kept.length === pairs.length) return value;
  const rest = kept.join(';');
  // What stands first has no white space before it, as the value had none.
  return kept[0] === pairs[0] ? trimEnd(rest) : trimEnd(rest.slice(startOf(rest)));
}

function overrideCookies(value: string): string[] {
  return value.split(';').filter(isOverrideCookie).map(cookieValue);
}

function isOverrideCookie(pair: string): boolean {
  const equals = pair.indexOf('=');
  return equals !== -1 && trim(pair.slice(0, equals)) === OVERRIDE_COOKIE;
}

function cookieValue(pair: string): string {
  const value = trim(pair.slice(pair.indexOf('=') + 1));
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  return isQuoted ? value.slice(1, -1) : value;
}

const trim = (text: string): string => trimEnd(text.slice(startOf(text)));

/** Optional white space alone (RFC 9110 §5.6.3): what `String.trim` takes besides may be part of a name. */
const isSpace = (char: string | undefined): boolean => char === ' ' || char === '\t';

function startOf(text: string): number {
  let at = 0;
  while (isSpace(text[at])) at++;
  return at;
}

function trimEnd(text: string): string {
  let end = text.length;
  while (isSpace(text[end - 1])) end--;
  return text.slice(0, end);
}
