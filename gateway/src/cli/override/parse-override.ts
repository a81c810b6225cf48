import { ADMIN_OPTIONS } from '../admin/client.ts';
import type { Side } from '../admin/types.ts';
import { UsageError } from '../command.ts';
import { quoted, readDuration, readLine, readReason } from '../command-line.ts';

/** How a minted override is written out. */
export type OverrideForm = 'text' | 'json' | 'header' | 'cookie';

export type OverrideLine = {
  readonly wish: {
    /** By operation or carve-out. */
    readonly sides: Readonly<Record<string, Side>>;
    readonly account?: string;
    readonly expiresInSeconds?: number;
    readonly reason: string;
  };
  readonly form: OverrideForm;
  readonly urls: readonly string[];
};

const SIDES: readonly string[] = ['monolith', 'service'] satisfies Side[];

export function parseOverride(args: readonly string[]): OverrideLine {
  const { values, positionals } = readLine(args, {
    ...ADMIN_OPTIONS,
    account: { type: 'string' },
    expires: { type: 'string' },
    reason: { type: 'string', default: 'banyan override' },
    header: { type: 'boolean', default: false },
    cookie: { type: 'boolean', default: false },
  });
  const { account, expires, json, header, cookie } = values;
  if ([json, header, cookie].filter(Boolean).length > 1) {
    throw new UsageError('--json, --header and --cookie exclude each other');
  }
  if (account !== undefined && !/^[!-~]{1,200}$/.test(account)) {
    throw new UsageError(`--account must be 1 to 200 visible ASCII characters, not ${quoted(account)}`);
  }
  return {
    wish: {
      sides: readSides(positionals),
      ...(account !== undefined && { account }),
      ...(expires !== undefined && { expiresInSeconds: readExpiry(expires) }),
      reason: readReason(values.reason),
    },
    form: json ? 'json' : header ? 'header' : cookie ? 'cookie' : 'text',
    urls: values.url,
  };
}

const EXPIRES_SECONDS_MAX = 86_400;

function readExpiry(text: string): number {
  const seconds = readDuration('expires', text) / 1_000;
  if (seconds > EXPIRES_SECONDS_MAX)
    throw new UsageError(`--expires must be at most 1d, not ${quoted(text)}`);
  return seconds;
}

function readSides(positionals: readonly string[]): Record<string, Side> {
  const sides = new Map<string, Side>();
  for (const text of positionals) {
    const [name = '', side = '', ...more] = text.split('=');
    if (name === '' || !isSide(side) || more.length > 0) {
      throw new UsageError(`${quoted(text)} must be an operation or carve-out, = and monolith or service`);
    }
    if (sides.has(name) && sides.get(name) !== side) throw new UsageError(`${name} is named for both sides`);
    sides.set(name, side);
  }
  return Object.fromEntries(sides);
}

const isSide = (text: string): text is Side => SIDES.includes(text);
