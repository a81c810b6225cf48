import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Owner, ServiceData } from '@banyan/contracts/ownership/v1/ownership';
import { silentLogger } from './logger.ts';
import { createOwnerResolver } from './owner-resolver.ts';

function createWorld() {
  const says: Record<string, Owner | Error> = { service: Owner.MONOLITH, monolith: Owner.MONOLITH };
  let asked = 0;
  let time = 0;
  const candidates = (['service', 'monolith'] as const).map((side) => ({
    side,
    value: `the ${side}`,
    ask: async () => {
      asked += 1;
      const owner = says[side];
      if (owner === undefined || owner instanceof Error) throw owner;
      return { ownerships: [{ aggregate: 'billing', owner, epoch: 1n, data: ServiceData.UNSPECIFIED }] };
    },
  }));
  const resolver = createOwnerResolver({
    aggregate: 'billing',
    candidates,
    now: () => new Date(time),
    logger: silentLogger,
  });
  return {
    ...resolver,
    says,
    asked: () => asked,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

test('the owner is who says so of itself, also while the other is away', async () => {
  const world = createWorld();
  assert.equal(await world.resolve(), 'the monolith');
  world.says.service = new Error('away');
  world.forget();
  assert.equal(await world.resolve(), 'the monolith');
  Object.assign(world.says, { service: Owner.SERVICE, monolith: Owner.NOBODY });
  world.forget();
  assert.equal(await world.resolve(), 'the service');
});

test('an answer holds for a second; that nobody is known is asked again at once', async () => {
  const world = createWorld();
  await Promise.all([world.resolve(), world.resolve()]);
  await world.resolve();
  assert.equal(world.asked(), 2);
  Object.assign(world.says, { service: Owner.NOBODY, monolith: Owner.NOBODY });
  assert.equal(await world.resolve(), 'the monolith');
  world.pass(1_000);
  assert.equal(await world.resolve(), null);
  world.says.service = Owner.SERVICE;
  assert.equal(await world.resolve(), 'the service');
});
