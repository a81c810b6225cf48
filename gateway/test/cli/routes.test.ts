import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusedUrl } from '../support/upstream.ts';
import { assertRefused, callerOf, withAdmin } from './support/with-admin.ts';

describe('banyan routes', () => {
  it('shows each operation with its owner, and with --json just what the API answers', () =>
    withAdmin(async (call, admin) => {
      const shown = await call('routes');
      assert.equal(shown.status, 0, shown.err);
      assert.match(shown.out, /^OPERATION .* LAST FLIP\n/);
      assert.match(
        shown.out,
        /\nbilling: the monolith owns \(epoch 3\), its service reads the monolith's tables\n/,
      );
      assert.match(shown.out, /\ngetInvoice +read +monolith /);
      assert.match(shown.out, /\npayInvoice +write +monolith /);
      assert.match(
        shown.out,
        /\nflags at version 0; figures of the last 5 min, of http:\/\/127\.0\.0\.1:\d+\n$/,
      );
      assert.ok(!shown.out.includes('\u001b'));

      const json = await call('routes', '--json');
      assert.equal(json.out, `${(await admin.call('GET', '/routes')).text}\n`);
      const one = await call('routes', 'getInvoice', '--json');
      const route = (await admin.call('GET', '/routes/getInvoice')).text;
      assert.equal(one.out, `[${route}]\n`);
    }));

  it('takes a name, and says what may have been meant', () =>
    withAdmin(async (call) => {
      const billing = await call('routes', 'billing');
      assert.match(billing.out, /listInvoices/);
      assert.doesNotMatch(billing.out, /getNews/);
      assertRefused(
        await call('routes', 'biling'),
        /no active carve-out "biling" \(did you mean billing\?\)/,
      );
    }));

  it('asks the next admin port where one is away', () =>
    withAdmin(async (_call, admin) => {
      const call = callerOf(`${await refusedUrl()},${admin.url}`);
      assert.match((await call('routes')).out, /getInvoice/);
      const away = await refusedUrl();
      assertRefused(
        await callerOf(`${away},${away}/x`)('routes'),
        /nothing answers at .*\n.*nothing answers at .*\/x /s,
      );
    }));
});
