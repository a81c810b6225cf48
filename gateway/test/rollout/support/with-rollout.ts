import { Owner } from '@banyan/contracts/ownership/v1/ownership';
import { until } from '@banyan/stack/testing/until';
import { createOverrides } from '../../../src/overrides/overrides.ts';
import type { Side } from '../../../src/rollout/override.ts';
import { createLogSink } from '../../../src/telemetry/logger.ts';
import type { RunningGateway } from '../../support/with-gateway.ts';
import { startTestService, type TestService } from '../../translate/support/test-service.ts';
import { type FlightsOptions, withFlights } from '../../translate/support/with-flights.ts';

/** Far longer than anything takes that works: a busy machine is no fault. */
export const PATIENT_MS = 30_000;
export const OPERATOR = 'operator-of-the-tests';
export const OVERRIDE_KEYS = `k1:${Buffer.alloc(32, 1).toString('base64url')}`;
const ENV = { BANYAN_ADMIN_TOKEN: OPERATOR, BANYAN_OVERRIDE_KEYS: OVERRIDE_KEYS };

export type RunningRollout = { readonly running: RunningGateway; readonly service: TestService };
export type RolloutOptions = Partial<FlightsOptions> & { readonly owner?: Owner };

/** The flights, owned by the monolith, whose data their service reads; once the gateway knows all that. */
export async function withRollout<T>(
  { owner = Owner.MONOLITH, ...options }: RolloutOptions,
  work: (rollout: RunningRollout) => Promise<T>,
): Promise<T> {
  await using service = await startTestService(0, owner);
  const env = { ...ENV, ...options.env };
  return await withFlights(
    { target: service.target, deadlineMs: PATIENT_MS, ...options, env },
    async (running) => {
      await until(async () => (await readRoute(running, 'getFlight')).owner !== 'unknown', {
        deadlineMs: PATIENT_MS,
        what: 'an owner',
      });
      return work({ running, service });
    },
  );
}

export function admin(running: RunningGateway, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = {
    Authorization: `Bearer ${OPERATOR}`,
    'Content-Type': 'application/json',
    ...init.headers,
  };
  return fetch(`${running.adminUrl}/admin/v1${path}`, { ...init, headers });
}

export async function readRoute(
  running: RunningGateway,
  operationId: string,
): Promise<Record<string, unknown>> {
  return (await (await admin(running, `/routes/${operationId}`)).json()) as Record<string, unknown>;
}

/** At this replica, at once. */
export async function kill(running: RunningGateway, target: string): Promise<void> {
  const body = JSON.stringify({ target, reason: 'of the test' });
  const answer = await admin(running, '/kills', { method: 'POST', body });
  if (!answer.ok) throw new Error(await answer.text());
}

/** A token as any gateway with these keys makes it. `madeAgoMs`: it may have ended meanwhile. */
export async function tokenOf(
  sides: Readonly<Record<string, Side>>,
  { account, madeAgoMs = 0 }: { readonly account?: string; readonly madeAgoMs?: number } = {},
): Promise<string> {
  const { logger } = createLogSink('silent', 1);
  const now = () => Date.now() - madeAgoMs;
  let count = 0;
  const newId = () => `of-the-test-${++count}`;
  const overrides = await createOverrides({ setting: OVERRIDE_KEYS, now, newId, logger });
  overrides.stop();
  const wish = { sides, expiresInMs: 60_000, ...(account === undefined ? {} : { account }) };
  return overrides.mint(wish).token;
}

/** `<operation> <who> <version>`; undefined where nothing is proven. */
export function proofOf({ headers }: Response): string | undefined {
  const values = ['operation', 'served-by', 'flags'].map((name) => headers.get(`x-banyan-${name}`));
  return values.every((value) => value === null) ? undefined : values.join(' ');
}
