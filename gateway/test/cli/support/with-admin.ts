import assert from 'node:assert/strict';
import type { AdminParts } from '../../../src/admin/admin-parts.ts';
import { OPERATOR, startAdmin, type TestAdmin } from '../../support/admin-api.ts';
import { banyan, type Ended, type Environment } from './banyan.ts';

export type Call = (...args: readonly string[]) => Promise<Ended>;

/** Calls `banyan` for these admin ports; as an operator, unless it is told otherwise. */
export const callerOf =
  (url: string, env: Environment = { BANYAN_ADMIN_TOKEN: OPERATOR }): Call =>
  (...args) =>
    banyan(args, { BANYAN_ADMIN_URL: url, ...env });

/** A real admin port, and the command that is for it. */
export async function withAdmin(
  work: (call: Call, admin: TestAdmin) => Promise<void>,
  parts: Partial<AdminParts> = {},
): Promise<void> {
  await using admin = await startAdmin(parts);
  await work(callerOf(admin.url), admin);
}

/** Fails unless it ended as a refusal that says this. */
export function assertRefused(ended: Ended, message: RegExp): void {
  assert.equal(ended.status, 1, ended.out);
  assert.match(ended.err, message);
}
