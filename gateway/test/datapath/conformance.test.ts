import { describe, test } from 'node:test';
import { conformanceCases } from './cases/all.ts';
import { runCase } from './kit/case.ts';
import { startOurs } from './kit/proxies.ts';

describe('the data path', () => {
  for (const testCase of conformanceCases) {
    test(`${testCase.clause} — ${testCase.name}`, { timeout: 120_000 }, () => runCase(testCase, startOurs));
  }
});
