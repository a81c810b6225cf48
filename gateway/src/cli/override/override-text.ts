import type { MintedOverride } from '../admin/types.ts';
import { spanText } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { plainText } from '../terminal/plain-text.ts';

/** The token is not broken into lines: it is to be copied. */
export function renderOverride(minted: MintedOverride, { paint, now }: Layout): string[] {
  const { id, header, cookie, sides, account, expiresAt } = minted;
  const wishes = Object.entries(sides).map(([name, side]) => `${name} at the ${side}`);
  const seconds = Math.max(0, Math.round((Date.parse(expiresAt) - now.getTime()) / 1_000));
  const who = account === null ? 'whoever carries it' : `account ${plainText(account)}`;
  return [
    `${paint('bold', wishes.join(', ') || 'proof headers alone')}, for ${who}`,
    paint('dim', `until ${expiresAt} (${spanText(seconds)}), override ${id}`),
    '',
    `${paint('dim', 'header')}  ${header.name}: ${header.value}`,
    `${paint('dim', 'cookie')}  ${cookie.name}=${cookie.value}`,
  ];
}
