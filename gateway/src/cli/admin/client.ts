import type { paths } from '@banyan/openapi/generated/admin';
import createClient, { type Client } from 'openapi-fetch';
import type { CommandContext } from '../command.ts';
import { createAsk } from './ask.ts';
import { AdminUnreachable } from './refusal.ts';
import { readAdminUrls, readAuthor, readTokens } from './settings.ts';

const DEADLINE_MS = 10_000;

/** One replica's admin API, typed by `openapi/admin.yaml`. What it refuses is thrown. */
export type Admin = { readonly url: string; readonly api: Client<paths> };

/** The options that every command with an admin API has. */
export const ADMIN_OPTIONS = {
  url: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
} as const;

/** A client for each admin port that is named. */
export async function createAdmins(
  urls: readonly string[],
  { env, folder, signal }: CommandContext,
): Promise<readonly Admin[]> {
  const found = readAdminUrls(urls, env);
  const tokens = await readTokens(env, folder);
  const author = readAuthor();
  return found.map((url) => {
    const ask = createAsk({ url, tokens, author, signal, deadlineMs: DEADLINE_MS });
    return { url, api: createClient<paths>({ baseUrl: `${url}/admin/v1`, fetch: ask }) };
  });
}

/** Flags are the same in every replica: the first that can be reached is asked. */
export async function askAny<T>(admins: readonly Admin[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const failures: string[] = [];
  for (const [index, admin] of admins.entries()) {
    try {
      return await work(admin);
    } catch (error) {
      if (!(error instanceof AdminUnreachable)) throw error;
      if (!error.isUnsent || index === admins.length - 1) {
        throw failures.length === 0 ? error : new Error([...failures, error.message].join('\n'));
      }
      failures.push(error.message);
    }
  }
  throw new Error('no admin port is named');
}

type Answered<T> = { readonly data?: T; readonly response: Response };

/** What the API said: refusals have been thrown by now. */
export function dataOf<T>({ data }: Answered<T>): T {
  if (data === undefined) throw new Error('the admin port answered nothing');
  return data;
}

/** The version of the flags that an answer shows. */
export function versionOf({ response }: Answered<unknown>): number {
  const tag = response.headers.get('etag') ?? '';
  const [, digits] = /^"(\d{1,15})"$/.exec(tag) ?? [];
  if (digits === undefined) throw new Error('the admin port did not say which version of the flags it has');
  return Number(digits);
}
