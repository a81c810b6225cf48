import type { RawAnswer } from './raw-exchange.ts';

/** One thing in which an answer through the gateway differs from the direct one. */
export type Difference = { readonly what: string; readonly direct: string; readonly through: string };

/** Headers of the one connection (RFC 9110 §7.6.1), and the one that two moments cannot share. */
const NOT_COMPARED = /^(connection|keep-alive|date):/i;

/** Every difference, in the order of the bytes. None means: byte for byte the same. */
export function compareAnswers(direct: RawAnswer, through: RawAnswer): Difference[] {
  const differences: Difference[] = [];
  const compare = (what: string, one: string, other: string): void => {
    if (one !== other) differences.push({ what, direct: one, through: other });
  };
  compare('interim answers', direct.interim.join(' | '), through.interim.join(' | '));
  compare('status line', direct.statusLine, through.statusLine);
  compareHeaders(direct.headers, through.headers, compare);
  compare('framing', direct.framing, through.framing);
  compare('body', direct.body, through.body);
  compare('trailers', direct.trailers.join(' | '), through.trailers.join(' | '));
  return differences;
}

function compareHeaders(
  direct: readonly string[],
  through: readonly string[],
  compare: (what: string, one: string, other: string) => void,
): void {
  const [one, other] = [direct, through].map((lines) => lines.filter((line) => !NOT_COMPARED.test(line)));
  if (!one || !other) return;
  const names = new Set([...one, ...other].map(nameOf));
  for (const name of names) {
    const linesOf = (lines: readonly string[]) => lines.filter((line) => nameOf(line) === name).join(' | ');
    compare(`header ${name}`, linesOf(one), linesOf(other));
  }
  const orderOf = (lines: readonly string[]) =>
    lines
      .map(nameOf)
      .filter(
        (name) => one.some((line) => nameOf(line) === name) && other.some((line) => nameOf(line) === name),
      )
      .join(', ');
  compare('header order', orderOf(one), orderOf(other));
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}
