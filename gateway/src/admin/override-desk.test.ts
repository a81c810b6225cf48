import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileRoutes, type OwnerFacts } from '../rollout/routes.ts';
import { INITIAL_SNAPSHOT } from '../rollout/snapshot.ts';
import { describeOverride, judgeOverride } from './override-desk.ts';
import { Refusal } from './problem.ts';
import type { Standing } from './standing.ts';

const CARVED = [
  { operationId: 'getInvoice', carveOut: 'billing', aggregate: 'billing', kind: 'read' },
  { operationId: 'listInvoices', carveOut: 'billing', aggregate: 'billing', kind: 'read' },
  { operationId: 'payInvoice', carveOut: 'billing', aggregate: 'billing', kind: 'write' },
  { operationId: 'getBooking', carveOut: 'booking', aggregate: 'booking', kind: 'read' },
] as const;

function judge(
  sides: unknown,
  owners: Readonly<Record<string, OwnerFacts | undefined>> = {},
  kills: readonly string[] = [],
  rest: Readonly<Record<string, unknown>> = {},
) {
  const shared = { owner: 'monolith', data: 'shared' } as const;
  const ownerOf = (aggregate: string) => (aggregate in owners ? owners[aggregate] : shared);
  const standing: Standing = {
    operations: CARVED,
    rollout: compileRoutes(
      CARVED,
      ownerOf,
      INITIAL_SNAPSHOT,
      kills.map((target) => ({ target })),
    ),
    services: [],
  };
  const head = { params: {}, by: 'ann', client: '127.0.0.1', ifMatch: undefined, onBehalfOf: undefined };
  try {
    const { sides: lawful, expiresInMs } = judgeOverride(
      { ...head, body: { sides, reason: 'r', ...rest } },
      standing,
    );
    return { ...lawful, expiresInMs };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const reads = error.facts.reads as { operationId: string }[] | undefined;
    return [error.kind, ...(reads?.map(({ operationId }) => operationId) ?? [])].join(' ');
  }
}

const hour = { expiresInMs: 3_600_000 };

describe('the desk of overrides', () => {
  it('lets through what is legal now, for an hour unless it says for how long', () => {
    assert.deepEqual(judge({}), hour);
    assert.deepEqual(judge({ billing: 'service' }), { billing: 'service', ...hour });
    assert.deepEqual(judge({ getInvoice: 'monolith' }), { getInvoice: 'monolith', ...hour });
    assert.deepEqual(judge({}, {}, [], { expiresInSeconds: 5 }), { expiresInMs: 5_000 });
  });

  it('refuses each read whose side is not legal, by owner, by data and by kill', () => {
    const owned = { billing: { owner: 'service', data: 'shared' } } as const;
    assert.equal(judge({ billing: 'monolith' }, owned), 'unlawful-override getInvoice listInvoices');
    assert.deepEqual(judge({ billing: 'service' }, owned, ['*']), { billing: 'service', ...hour });
    const without = { billing: { owner: 'monolith', data: 'none' } } as const;
    assert.equal(
      judge({ getInvoice: 'service', booking: 'service' }, without),
      'unlawful-override getInvoice',
    );
    assert.equal(judge({ billing: 'service' }, {}, ['getInvoice']), 'unlawful-override getInvoice');
    assert.deepEqual(judge({ billing: 'monolith' }, {}, ['*']), { billing: 'monolith', ...hour });
    for (const nobody of [undefined, { owner: 'nobody', data: 'shared' } as const]) {
      for (const side of ['monolith', 'service']) {
        assert.equal(judge({ getBooking: side }, { booking: nobody }), 'unlawful-override getBooking');
      }
    }
  });

  it('judges an operation by its own side, whatever its carve-out’s says and whichever comes first', () => {
    const killed = ['getInvoice'];
    const right = { billing: 'service', getInvoice: 'monolith' };
    assert.deepEqual(judge(right, {}, killed), { ...right, ...hour });
    const reversed = { getInvoice: 'monolith', billing: 'service' };
    assert.deepEqual(judge(reversed, {}, killed), { ...reversed, ...hour });
    assert.equal(
      judge({ getInvoice: 'service', billing: 'monolith' }, {}, killed),
      'unlawful-override getInvoice',
    );
  });

  it('takes reads alone, and only what there is', () => {
    assert.equal(judge({ payInvoice: 'monolith' }), 'write-follows-owner');
    assert.equal(judge({ nothing: 'service' }), 'unknown-operation');
    assert.equal(judge(JSON.parse('{"__proto__":"service"}')), 'unknown-operation');
    assert.equal(judge({ toString: 'service' }), 'unknown-operation');
    assert.equal(judge({ getInvoice: 'both' }), 'invalid-value');
  });

  it('is named in the audit by id, sides and account, within a bound', () => {
    assert.equal(describeOverride('o-1', {}), 'o-1: proof headers');
    assert.equal(describeOverride('o-1', { billing: 'service' }, '7'), 'o-1: billing=service for account 7');
    const many = Object.fromEntries(
      Array.from({ length: 64 }, (_, index) => [`operation${index}`, 'service'] as const),
    );
    assert.equal(describeOverride('o-1', many).length, 500);
  });
});
