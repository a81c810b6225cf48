import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectedVersion } from './booking-version.ts';

const seen = { id: 5n, version: 3 };
const TABLE: readonly (readonly [string | undefined, number | undefined])[] = [
  [undefined, undefined],
  ['*', undefined],
  [' * ', undefined],
  ['"5-3"', 3],
  ['"a", W/"5-3" ,"5-3"', 3],
  ['W/"5-3"', 0],
  ['"5-2"', 0],
  ['"05-3"', 0],
  ['5-3', 0],
  ['', 0],
];

describe('the version that If-Match asks for', () => {
  for (const [header, version] of TABLE) {
    it(`${header}: ${version}`, () => {
      const headers = { get: () => header, values: () => [] };
      assert.equal(expectedVersion({ headers }, seen), version);
    });
  }
});
