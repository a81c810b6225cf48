import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.ts';

/** What stands on a command's line, by node's own rules; what does not fit is a UsageError. */
export function readLine<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({
      args: joinNegatives(args, options),
      allowPositionals: true,
      allowNegative: true,
      options,
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `--weight -1` has a number for its value, which is refused as such: no number is the name of an option. */
function joinNegatives(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>): string[] {
  const joined: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (arg === '--') return [...joined, ...args.slice(index)];
    const before = joined.at(-1) ?? '';
    const name = before.startsWith('--') ? before.slice(2) : '';
    const isValue = /^-\.?\d/.test(arg) && Object.hasOwn(options, name) && options[name]?.type === 'string';
    if (isValue) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

const REASON_LENGTH_MAX = 500;

/** Why something is changed: it goes into the audit, and is asked for. */
export function readReason(reason: string | undefined): string {
  const text = reason?.trim() ?? '';
  if (text === '') throw new UsageError('--reason must say why: it is kept in the audit');
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) {
    throw new UsageError(`--reason must be one line of text, not ${quoted(text)}`);
  }
  if ([...text].length > REASON_LENGTH_MAX) {
    throw new UsageError(
      `--reason must have at most ${REASON_LENGTH_MAX} characters, not ${[...text].length}`,
    );
  }
  return text;
}

/** A share in percent, such as `5` or `12.5`. */
export function readPercent(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(text) || value > 100) {
    throw new UsageError(`--${name} must be percent, from 0 to 100 in steps of 0.001, not ${quoted(text)}`);
  }
  return value;
}

export function readWhole(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not ${quoted(text)}`);
  }
  return value;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time such as `90s`, `15m`, `8h`, `2d`, or `1h30m`, in milliseconds. */
export function readDuration(name: string, text: string): number {
  const parts = [...text.matchAll(/(\d{1,9})([smhd])/g)];
  const units = parts.map(([, , unit = '']) => UNIT_MS[unit] ?? 0);
  const isOrdered = units.every((unit, index) => index === 0 || unit < (units[index - 1] ?? 0));
  const ms = parts.reduce((sum, [, count], index) => sum + Number(count) * (units[index] ?? 0), 0);
  if (parts.map(([part]) => part).join('') !== text || !isOrdered || ms === 0) {
    throw new UsageError(`--${name} must be a time such as 90s, 15m, 8h or 1h30m, not ${quoted(text)}`);
  }
  return ms;
}

export const quoted = (text: string): string => JSON.stringify(text);
