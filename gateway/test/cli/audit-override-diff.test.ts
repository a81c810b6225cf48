import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdminParts } from '../../src/admin/admin-parts.ts';
import { startAdmin } from '../support/admin-api.ts';
import { refusedUrl } from '../support/upstream.ts';
import { assertRefused, withAdmin } from './support/with-admin.ts';

describe('banyan audit, replicas, override and diff', () => {
  it('audit shows what was done, newest first, page by page', () =>
    withAdmin(async (call, admin) => {
      assert.equal((await call('audit')).out, 'Nothing was ever changed.\n');
      await call('flag', 'set', 'getInvoice', 'shadow', '--reason', 'compare');
      await call('kill', 'all', '--reason', 'stop');
      const shown = await call('audit');
      assert.match(
        shown.out,
        /– +ann +killed every read\n +at r1\n +stop \(for .*@.*\)\n.* 1 +ann +getInvoice: monolith → shadow\n +compare/,
      );
      const first = await call('audit', '--limit', '1');
      const [, before = ''] = /older ones: banyan audit --before (\S+)/.exec(first.out) ?? [];
      assert.match(
        (await call('audit', '--before', before)).out,
        /^WHEN.*\n.*getInvoice: monolith → shadow\n/,
      );
      await call('flag', 'set', 'getInvoice', 'shadow', '--reason', 'compare on');
      assert.match(
        (await call('audit', '--limit', '1')).out,
        / 2 +ann +getInvoice: (no change|shadow \(as it was\))\n/,
      );
      const json = await call('audit', '--limit', '2', '--json');
      assert.equal(json.out, `${(await admin.call('GET', '/audit?limit=2')).text}\n`);
    }));

  it('replicas shows who serves what, and how the store is', () =>
    withAdmin(async (call, admin) => {
      assert.match(
        (await call('replicas')).out,
        /\nr1 +0 +0 +0 .*\n\nthe store \(file\) has been reachable for \d+ s\n/,
      );
      admin.takeAway();
      assert.match(
        (await call('replicas')).out,
        / has been away for .* \(it was taken away\): traffic goes on/,
      );
      await using other = await startAdmin();
      other.takeAway();
      const gone = await refusedUrl();
      const each = await call('replicas', '--url', admin.url, '--url', other.url, '--url', gone);
      assert.equal(each.status, 1);
      for (const { url } of [admin, other]) {
        assert.match(each.out, new RegExp(`\n${url}\nthe store \\(file\\) has been`));
      }
      assert.match(each.err, new RegExp(`nothing answers at ${gone}`));
    }));

  it('override signs what is legal, in the form that is asked for', () =>
    withAdmin(async (call, admin) => {
      const text = await call('override', 'getInvoice=service', '--account', '7', '--expires', '15m');
      assert.match(text.out, /^getInvoice at the service, for account 7\nuntil .* \(1[45] min\), override /);
      assert.match(text.out, /\nheader {2}X-Banyan-Override: eyJ\S+\ncookie {2}banyan_override=eyJ\S+\n$/);
      assert.match((await call('override', '--header')).out, /^X-Banyan-Override: eyJ[\w.-]+\n$/);
      assert.match(
        (await call('override', 'billing=monolith', '--cookie')).out,
        /^banyan_override=eyJ[\w.-]+\n$/,
      );
      const sides = ['billing=service', 'getInvoice=monolith'];
      const minted = JSON.parse((await call('override', ...sides, '--expires', '1h', '--json')).out);
      assert.deepEqual(minted.sides, { billing: 'service', getInvoice: 'monolith' });
      const leftMs = Date.parse(minted.expiresAt) - Date.now();
      assert.ok(leftMs > 3_000_000 && leftMs <= 3_601_000, String(leftMs));
      assertRefused(
        await call('override', 'getBooking=monolith'),
        /cannot be answered by the monolith.*\n.*`banyan routes`/s,
      );
      const tooLong = await call('override', '--expires', '2d');
      assert.equal(tooLong.status, 2);
      assert.match(tooLong.err, /--expires must be at most 1d, not "2d"/);
      const { entries } = await admin.flags.audit({ limit: 10 });
      assert.deepEqual(
        entries.map(({ action }) => action),
        Array(4).fill('mint-override'),
      );
    }));

  it('diff shows what the service answered otherwise, and says plainly where that is nothing', () => {
    const side = (text: string) => ({ type: 'string', length: 4, text }) as const;
    const difference = { path: '$.total', field: '$.total', kind: 'value' } as const;
    const kept = {
      at: '2026-11-23T12:00:00.000Z',
      operationId: 'getInvoice',
      requestId: 'r-1',
      method: 'GET',
      path: '/invoices/{id}',
      conditions: [],
      status: { monolith: 200, service: 200 },
      differences: [{ ...difference, monolith: side('00.0'), service: side('0.00') }],
      isComplete: true,
    };
    const counts = { carveOut: 'billing', compared: 7, unrepeated: 0, skipped: {} };
    const field = { field: '$.total', kind: 'value', count: 1, unsteady: 0 } as const;
    const shadow: AdminParts['shadow'] = {
      report: () => [
        { ...counts, operationId: 'getInvoice', equal: 6, different: 1, fields: [field] },
        { ...counts, operationId: 'listInvoices', equal: 7, different: 0, fields: [] },
      ],
      differences: (operationId) => (operationId === 'getInvoice' ? [kept] : []),
    };
    return withAdmin(
      async (call, admin) => {
        const shown = await call('diff', 'getInvoice');
        assert.equal(shown.status, 0, shown.err);
        assert.match(shown.out, /^getInvoice: 7 compared, 6 equal, 1 different\n/);
        assert.match(shown.out, /\n {4}"00\.0" +│ "0\.00"\n$/);
        const json = await call('diff', 'getInvoice', '--json');
        assert.equal(json.out, `${(await admin.call('GET', '/differences/getInvoice')).text}\n`);
        assert.equal((await call('diff', 'listInvoices')).out, 'listInvoices: 7 compared, no differences\n');
        assertRefused(await call('diff', 'payInvoice'), /payInvoice is a write/);
        assertRefused(await call('diff', 'getNothing'), /There is no operation "getNothing"/);
      },
      { shadow },
    );
  });
});
