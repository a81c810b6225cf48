import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { copyAggregate } from '@banyan/mover/copy-aggregate';
import { installOwnership } from '@banyan/mover/install-ownership';
import { installSharedViews } from '@banyan/mover/shared-views';
import { tablesOf } from '@banyan/mover/tables-of';
import { createReleaseStack, type Release, type ReleaseStack } from '@banyan/service-kit/release-stack';
import { createTestDatabase } from '@banyan/stack/testing/database';
import pg from 'pg';
import { bookingCopyViews, bookingDataPlan } from '../../data-plan.ts';
import { migrateBooking } from '../../src/migrate.ts';

const releases = new WeakMap<TestContext, ReleaseStack>();

/** Runs when the test ends, the latest registered first. */
export function atEnd(t: TestContext, release: Release): void {
  let stack = releases.get(t);
  if (!stack) {
    stack = createReleaseStack();
    releases.set(t, stack);
    t.after(stack.unwind);
  }
  stack.push('a part of the test', release);
}

export type Side = 'monolith' | 'service';

export type Databases = {
  readonly monolithUrl: string;
  readonly serviceUrl: string;
  /** The monolith's by the role that may only read. */
  readonly sharedUrl: string;
  readonly monolith: pg.Pool;
  readonly service: pg.Pool;
  move(to: Side): Promise<void>;
};

/** The monolith's database with its small seed, and booking's own, owned by `owner`, for as long as the test runs. */
export async function startDatabases(t: TestContext, owner: Side): Promise<Databases> {
  const monolithDatabase = await createTestDatabase('small');
  atEnd(t, () => monolithDatabase.drop());
  const serviceDatabase = await createTestDatabase('empty');
  atEnd(t, () => serviceDatabase.drop());
  const monolithUrl = monolithDatabase.url;
  const serviceUrl = serviceDatabase.url;
  const open = (connectionString: string, schema: string): pg.Pool => {
    const pool = new pg.Pool({ connectionString, max: 4, options: `-c search_path=${schema}` });
    // A test may take the database away.
    pool.on('error', () => {});
    atEnd(t, () => pool.end());
    return pool;
  };
  await migrateBooking(serviceUrl);
  await installOwnership(monolithUrl, {
    side: 'monolith',
    aggregates: { booking: tablesOf(bookingDataPlan, 'monolith') },
    initialOwner: 'monolith',
  });
  await installOwnership(serviceUrl, {
    side: 'service',
    aggregates: { booking: tablesOf(bookingDataPlan, 'service') },
    initialOwner: 'monolith',
  });
  const monolith = open(monolithUrl, 'public');
  const role = `booking_test_${randomBytes(5).toString('hex')}`;
  await installSharedViews(monolithUrl, {
    schema: 'booking_shared',
    plan: bookingDataPlan,
    role,
    password: role,
    extraViews: bookingCopyViews,
  });
  atEnd(t, async () => {
    await monolith.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  const sharedUrl = new URL(monolithUrl);
  sharedUrl.username = role;
  sharedUrl.password = role;
  const move = async (to: Side): Promise<void> => {
    await copyAggregate({ plan: bookingDataPlan, monolithUrl, serviceUrl, to });
  };
  if (owner === 'service') await move('service');
  return {
    monolithUrl,
    serviceUrl,
    sharedUrl: sharedUrl.href,
    monolith,
    service: open(serviceUrl, 'booking'),
    move,
  };
}
