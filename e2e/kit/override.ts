import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FlagWish, MintedOverride, OverrideWish, Snapshot } from '@banyan/openapi/generated/admin';

/** By operationId or carve-out's name, the operation before the carve-out. Nothing in it: proof headers alone. */
export type Sides = OverrideWish['sides'];

export type AdminAccess = {
  /** Where the admin port is. */
  readonly adminUrl: string;
  /** Null: what `npm start` left in the data folder is taken. */
  readonly adminToken: string | null;
  readonly dataDir: string;
};

const ROOT = resolve(import.meta.dirname, '..', '..');

/** Mints an override: throws with the problem where the admin API refuses. */
export async function mintOverride(
  access: AdminAccess,
  wish: Omit<OverrideWish, 'reason'> & { readonly reason?: string },
): Promise<MintedOverride> {
  const { status, body } = await askAdmin(access, 'POST', '/overrides', {
    reason: 'a test is pinned to a side',
    ...wish,
  });
  if (status !== 201) throw new Error(`no override: ${JSON.stringify(body)}`);
  return body as MintedOverride;
}

/** One request to the admin API, as an operator. */
export async function askAdmin(
  access: AdminAccess,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${access.adminUrl}/admin/v1${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${await tokenOf(access)}`,
      'Content-Type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** Sets all reads of a carve-out, by the flags as they are now. */
export async function setCarveOut(
  access: AdminAccess,
  name: string,
  flag: Pick<FlagWish, 'stage' | 'weightPercent'>,
): Promise<void> {
  const { version } = (await askAdmin(access, 'GET', '/snapshot')).body as Snapshot;
  const wish = { ...flag, reason: 'for tests that are pinned' };
  const { status, body } = await askAdmin(access, 'PUT', `/carve-outs/${name}`, wish, {
    'If-Match': `"${version}"`,
  });
  if (status !== 200) throw new Error(`no flip: ${JSON.stringify(body)}`);
}

async function tokenOf({ adminToken, dataDir }: AdminAccess): Promise<string> {
  return adminToken ?? (await readFile(join(resolve(ROOT, dataDir), 'admin-token'), 'utf8')).trim();
}
