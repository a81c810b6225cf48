import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { OPERATOR } from '../support/admin-api.ts';
import { banyan, startBanyan } from './support/banyan.ts';
import { withAdmin } from './support/with-admin.ts';

describe('a call that the command does not have', () => {
  it('is status 2, says how it is called, and asks nobody', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['routes', 'one', 'two'], /one operation or carve-out may be named/],
      [['routes', '--watch', '--json'], /exclude each other/],
      [['routes', '--fast'], /--fast/],
      [['flag'], /usage: banyan flag <command>/],
      [['flag', 'fly'], /there is no command flag fly/],
      [['flag', 'get'], /name one operation or carve-out/],
      [['flag', 'set', 'billing', 'canary', '--reason', 'x'], /--weight must say/],
      [['flag', 'set', 'billing', 'service'], /--reason must say why/],
      [['flag', 'restore', 'it'], /options alone/],
      [['kill', '--reason', 'x'], /name one operation or carve-out, or all/],
      [['kill', 'billing'], /--reason must say why/],
      [['kill', 'billing', '--list'], /or --list/],
      [['kill', '--lift', 'all'], /--reason must say why/],
      [['audit', '--limit', '501'], /--limit must be a whole number from 1 to 500, not "501"/],
      [['replicas', 'all'], /options alone/],
      [['override', 'billing'], /"billing" must be an operation or carve-out, = and monolith or service/],
      [['override', 'billing=green'], /"billing=green" must be/],
      [['override', 'a=service', 'a=monolith'], /a is named for both sides/],
      [['override', '--expires', '15'], /--expires must be a time such as 90s/],
      [['override', '--account', 'no account'], /--account must be 1 to 200 visible ASCII/],
      [['override', '--header', '--cookie'], /exclude each other/],
      [['diff'], /name one operation/],
      [['routes', '--url', 'here'], /--url must be URLs such as .*, not "here"/],
    ];
    for (const [args, message] of cases) {
      const { status, out, err } = await banyan(args, { BANYAN_ADMIN_URL: 'http://127.0.0.1:9/nobody' });
      assert.deepEqual([status, out], [2, ''], args.join(' '));
      assert.match(err, message, args.join(' '));
      assert.match(err, /usage: banyan/, args.join(' '));
    }
  });

  it('is explained for each command, and for one', async () => {
    const overview = await banyan(['--help']);
    assert.equal(overview.status, 0);
    for (const name of Object.keys(COMMANDS)) assert.match(overview.out, new RegExp(`\\n  ${name} `));
    const group = await banyan(['flag', '--help']);
    assert.match(group.out, /\n {2}set +Sets the flag/);
    const one = await banyan(['flag', 'set', '--help']);
    assert.deepEqual([one.status, one.err], [0, '']);
    assert.match(one.out, /^usage: banyan flag set .*\n {2}--weight +canary: percent of accounts/s);
    assert.ok(Math.max(...one.out.split('\n').map((line) => line.length)) <= 120);
  });
});

describe('as a process', () => {
  it('a change is status 0, a refusal 1 and a misuse 2, with what is for a program on the standard output', () =>
    withAdmin(async (_call, { url, flags }) => {
      const env = { BANYAN_ADMIN_URL: url, BANYAN_ADMIN_TOKEN: OPERATOR };
      const set = (name: string, ...more: string[]) =>
        startBanyan(['flag', 'set', name, 'service', '--reason', 'try', ...more], env).ended;
      const [done, refused, misused] = await Promise.all([
        set('billing', '--json'),
        set('payInvoice', '--json'),
        set('billing', '--weight', '5'),
      ]);
      assert.deepEqual([done.status, refused.status, misused.status], [0, 1, 2]);
      assert.equal(JSON.parse(done.out).snapshot.version, 1);
      assert.equal(done.err, '');
      assert.equal(JSON.parse(refused.out).refused.type, '/problems/write-follows-owner');
      assert.match(refused.err, /^banyan flag set: payInvoice is a write/);
      assert.equal(misused.out, '');
      assert.match(misused.err, /--weight is for canary, not for service\nusage: banyan flag set /);
      assert.equal(flags.snapshot().version, 1);
    }));
});
