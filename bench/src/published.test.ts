import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const docs = (file: string): string => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');

test('the published chart shows the figures of the published table', () => {
  const table = docs('benchmarks.md').split('### small GET, 64 connections')[1]?.split('\n###')[0] ?? '';
  const measured = [...table.matchAll(/^\| (?!direct)([^|]*[A-Za-z][^|]*?) \| ([\d,]+) \|/gm)].map(
    ([, name, rate]) => `${name} ${rate}`,
  );
  const shown = [...docs('benchmarks.svg').matchAll(/text-anchor="end">([^<]+)<.*?>([\d,]+)<\/text>/g)].map(
    ([, name, rate]) => `${name} ${rate}`,
  );
  assert.equal(shown.length, 6);
  assert.deepEqual(shown.toSorted(), measured.toSorted());
});
