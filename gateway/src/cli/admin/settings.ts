import { readFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandContext, UsageError } from '../command.ts';
import { quoted } from '../command-line.ts';

const DEFAULT_URL = 'http://127.0.0.1:8081';
const URLS_MAX = 100;

/**
 * Where the admin ports are, without a slash at their end: `--url`, which may be repeated, else the comma-separated
 * BANYAN_ADMIN_URL, else this machine's.
 */
export function readAdminUrls(given: readonly string[], env: CommandContext['env']): readonly string[] {
  const source = given.length > 0 ? '--url' : 'BANYAN_ADMIN_URL';
  const text = given.length > 0 ? given.join(',') : env.BANYAN_ADMIN_URL || DEFAULT_URL;
  const urls = text.split(',').map((each) => each.trim());
  if (urls.length > URLS_MAX) throw new UsageError(`${source} names more than ${URLS_MAX} admin ports`);
  return [...new Set(urls.map((each) => readUrl(source, each)))];
}

function readUrl(source: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${source} must be URLs such as ${DEFAULT_URL}, not ${quoted(text)}`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UsageError(`${source} must be scheme, host, port and path alone: tokens are set on their own`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Undefined where none is known: a gateway without tokens can be read without one. */
export type Tokens = { readonly operator: string | undefined; readonly viewer: string | undefined };

/**
 * The variables, else what `npm start` left in its data folder. Where one of the variables is set the files are left
 * alone: they are of another gateway.
 */
export async function readTokens(env: CommandContext['env'], folder: string): Promise<Tokens> {
  if (env.BANYAN_ADMIN_TOKEN || env.BANYAN_VIEWER_TOKEN) {
    return { operator: firstToken(env.BANYAN_ADMIN_TOKEN), viewer: firstToken(env.BANYAN_VIEWER_TOKEN) };
  }
  const dataDir = resolve(folder, env.STACK_DATA_DIR || '.data');
  const [operator, viewer] = await Promise.all(
    ['admin-token', 'viewer-token'].map((name) => readTokenFile(join(dataDir, name))),
  );
  return { operator, viewer };
}

/** The gateway's own setting may be a list of `name=token`: whoever has it may act as the first. */
function firstToken(setting: string | undefined): string | undefined {
  if (!setting) return undefined;
  const [first = ''] = setting.split(',');
  return /^[^=]+=(?=[^=])(.+)$/.exec(first.trim())?.[1] ?? first.trim();
}

async function readTokenFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // A viewer may well be kept from the operators' file.
    if (['ENOENT', 'EACCES'].includes(code)) return undefined;
    throw new Error(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Who sits here, for the audit. Nobody proves it. Visible ASCII, as a header field wants it. */
export function readAuthor(): string {
  const name = `${userName()}@${hostname()}`;
  return name.replace(/[^\x21-\x7e]/g, '?').slice(0, 128);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}
