import type { ReadText } from './variables.ts';

/** A bearer token, and the name that what is done with it is attributed to. */
export type NamedToken = { readonly name: string; readonly token: string };

const TOKEN_LENGTH_MIN = 16;
/** RFC 6750: what a bearer token may consist of. */
const TOKEN = new RegExp(`^[0-9A-Za-z._~+/-]{${TOKEN_LENGTH_MIN},}=*$`);
const NAME = /^[0-9A-Za-z][0-9A-Za-z._@-]{0,63}$/;
const TOKEN_RULE = `at least ${TOKEN_LENGTH_MIN} letters, digits or any of - . _ ~ + /`;

/** Reads one token, which gets the name that is given here, or a list of `name=token` separated by commas. */
export function namedTokens(nameOfOne: string): ReadText<readonly NamedToken[]> {
  return (text) => {
    if (TOKEN.test(text)) return { value: [{ name: nameOfOne, token: text }] };
    const entries = text.split(',').map((entry) => entry.trim());
    if (entries.length === 1 && !/^[^=]+=[^=]/.test(text)) {
      return { faults: [`must be ${TOKEN_RULE}; or name=token, separated by commas`] };
    }
    const tokens = entries.map(readEntry);
    const faults = tokens.flatMap((entry, index) =>
      entry === undefined
        ? `entry ${index + 1} must be name=token: a name of 1 to 64 letters, digits or any of . _ @ -, and a token of ${TOKEN_RULE}`
        : [],
    );
    const read = tokens.filter((entry) => entry !== undefined);
    if (faults.length === 0) faults.push(...repeatedFaults(read));
    return faults.length > 0 ? { faults } : { value: read };
  };
}

/** What no token and no name may be twice. Says no token. */
export function repeatedFaults(tokens: readonly NamedToken[]): string[] {
  const faults: string[] = [];
  if (new Set(tokens.map(({ name }) => name)).size < tokens.length)
    faults.push('must give each token a name of its own');
  if (new Set(tokens.map(({ token }) => token)).size < tokens.length)
    faults.push('must not hold a token twice');
  return faults;
}

function readEntry(entry: string): NamedToken | undefined {
  const at = entry.indexOf('=');
  const [name, token] = [entry.slice(0, at), entry.slice(at + 1)];
  return at > 0 && NAME.test(name) && TOKEN.test(token) ? { name, token } : undefined;
}
