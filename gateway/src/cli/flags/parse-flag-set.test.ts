import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../command.ts';
import { parseFlagSet } from './parse-flag-set.ts';

describe('the line of banyan flag set', () => {
  it('is a name, a stage, a reason and what the stage takes', () => {
    const line = parseFlagSet([
      ...['billing', 'canary', '--weight', '12.5', '--reason', 'first accounts', '--no-fallback', '--force'],
      ...['--if-version', '42', '--watch', '--url', 'http://a', '--url', 'http://b'],
    ]);
    assert.deepEqual(line, {
      name: 'billing',
      wish: {
        stage: 'canary',
        weightPercent: 12.5,
        fallback: false,
        force: true,
        reason: 'first accounts',
      },
      ifVersion: 42,
      watch: true,
      json: false,
      urls: ['http://a', 'http://b'],
    });
    assert.deepEqual(parseFlagSet(['getInvoice', 'shadow', '--sample', '10', '--reason', 'x']).wish, {
      stage: 'shadow',
      samplePercent: 10,
      fallback: true,
      force: false,
      reason: 'x',
    });
  });

  it('is refused with the option, its rule and what stood there', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['', /name one operation or carve-out, and one stage/],
      ['billing --reason x', /and one stage/],
      ['billing canary service --reason x', /and one stage/],
      ['billing green --reason x', /the stage must be monolith, shadow, canary, service, not "green"/],
      ['billing service', /--reason must say why/],
      ['billing canary --reason x', /--weight must say how many accounts are in/],
      ['billing service --weight 5 --reason x', /--weight is for canary, not for service/],
      ['billing canary --weight 5 --sample 1 --reason x', /--sample is for shadow, not for canary/],
      ['billing canary --weight 140 --reason x', /--weight must be percent, from 0 to 100.*not "140"/],
      ['billing canary --weight -1 --reason x', /^--weight must be percent, from 0 to 100.*, not "-1"$/],
      [
        'billing shadow --sample 0.0001 --reason x',
        /--sample must be percent.*steps of 0\.001, not "0\.0001"/,
      ],
      ['billing service --if-version new --reason x', /--if-version must be a whole number.*not "new"/],
      ['billing service --watch --json --reason x', /exclude each other/],
      ['billing service --stage service --reason x', /--stage/],
    ];
    for (const [text, message] of cases) {
      assert.throws(
        () => parseFlagSet(text.split(' ').filter(Boolean)),
        (error) => error instanceof UsageError && message.test(error.message),
        text,
      );
    }
  });
});
