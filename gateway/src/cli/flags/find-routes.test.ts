import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findRoutes } from './find-routes.ts';

const ROUTES = [
  { operationId: 'getInvoice', carveOut: 'billing' },
  { operationId: 'payInvoice', carveOut: 'billing' },
  { operationId: 'booking', carveOut: 'booking' },
  { operationId: 'getNews', carveOut: null },
] as const;

describe('a name', () => {
  it('is an operation, else a carve-out with all of its operations', () => {
    assert.deepEqual(findRoutes(ROUTES, 'getNews'), {
      kind: 'operation',
      name: 'getNews',
      routes: [ROUTES[3]],
    });
    assert.deepEqual(findRoutes(ROUTES, 'billing').routes, ROUTES.slice(0, 2));
    assert.equal(findRoutes(ROUTES, 'booking').kind, 'operation');
  });

  it('that is neither is refused, with what may have been meant', () => {
    assert.throws(() => findRoutes(ROUTES, 'GetInvoices'), {
      message:
        'there is no operation and no active carve-out "GetInvoices" (did you mean getInvoice?); `banyan routes` lists them',
    });
    assert.throws(() => findRoutes(ROUTES, 'biling'), /did you mean billing\?/);
    assert.throws(() => findRoutes(ROUTES, 'anything-else'), /carve-out "anything-else"; `banyan routes`/);
  });
});
