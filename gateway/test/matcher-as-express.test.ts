import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Router } from 'express';
import fc from 'fast-check';
import { createMatcher } from '../src/routing/matcher.ts';
import type { Method, Operation } from '../src/routing/operation.ts';
import { findOverlaps } from '../src/routing/overlaps.ts';
import { type PathMatching, parseTemplate } from '../src/routing/path-template.ts';

/**
 * Asks Express's own router which of the operations it would run. Routes are registered most concrete first,
 * as a monolith must register them for its contract to be true.
 */
function createExpressMatcher(operations: readonly Operation[], matching: PathMatching) {
  const router = Router({
    caseSensitive: matching.caseSensitive,
    strict: matching.trailingSlash === 'strict',
  });
  let named: Operation | undefined;
  const ordered = operations.toSorted(
    (a, b) =>
      concreteness(a, matching).localeCompare(concreteness(b, matching)) ||
      // An application that answers HEAD itself says so before its GET.
      Number(b.method === 'HEAD') - Number(a.method === 'HEAD'),
  );
  for (const operation of ordered) {
    const path = operation.path
      .replaceAll(/[\\:*!()[\]?+]/g, (character) => `\\${character}`)
      .replaceAll(/\{(\w+)\}/g, ':$1');
    const method = operation.method.toLowerCase() as Lowercase<Method>;
    router[method](path, () => {
      named = operation;
    });
  }
  return (method: string, target: string): Operation | undefined => {
    named = undefined;
    const request = { method, url: target };
    router(request as never, { setHeader() {}, end() {}, removeHeader() {} } as never, () => {});
    return named;
  };
}

/** Sorts the templates that take more behind those that take less, segment by segment. */
function concreteness(operation: Operation, matching: PathMatching): string {
  const rank = { literal: 'a', mixed: 'b', parameter: 'c' } as const;
  return parseTemplate(operation.path, matching)
    .map(({ kind }) => rank[kind])
    .join('');
}

const word = fc.constantFrom('a', 'b', 'A', 'bookings', 'export.csv', 'é', 'a+b', 'v1.0');
const segment = fc.oneof(
  { weight: 5, arbitrary: word },
  { weight: 4, arbitrary: fc.constantFrom('{x}') },
  { weight: 1, arbitrary: fc.constantFrom('{x}.pdf', 'a{x}', '{x}-{z}', '{x}.a', '{x}--{z}.pdf') },
);
const template = fc.tuple(fc.array(segment, { maxLength: 4 }), fc.boolean()).map(([segments, slash]) => {
  const named = segments.map((text, index) => text.replaceAll(/\{(\w)\}/g, `{$1${index}}`));
  return `/${named.join('/')}${slash && segments.length > 0 ? '/' : ''}`;
});
const method = fc.constantFrom<Method>('GET', 'POST', 'HEAD', 'DELETE');
const operationList = fc
  .uniqueArray(fc.tuple(method, template), { minLength: 1, maxLength: 8, selector: (pair) => pair.join(' ') })
  .map((pairs) =>
    pairs.map(([method, path]): Operation => ({ operationId: `${method} ${path}`, method, path })),
  );
const piece = fc.oneof(
  word,
  fc.constant(''),
  fc.constantFrom(
    '.',
    '..',
    '%',
    '%zz',
    '%2F',
    '%41',
    '%61',
    'x.pdf',
    '.pdf',
    'a-b',
    'a-b-c',
    '-',
    '--',
    'a--b.pdf',
  ),
  fc.constantFrom('a\\b', ';a', 'a;b=c', '{x}', '*', ':x', 'ſ', 'K', 'É'),
);
const target = fc
  .tuple(
    fc.constantFrom('/', '/', '/', '/', '//', 'http://host/', ''),
    fc.array(piece, { maxLength: 5 }),
    fc.constantFrom('', '', '', '/', '//', '?', '?a=/b', '#x', '/?x#y', '?x\\y'),
  )
  .map(([start, pieces, end]) => `${start}${pieces.join('/')}${end}`);

const MATCHINGS: readonly PathMatching[] = [
  { caseSensitive: false, trailingSlash: 'tolerated' },
  { caseSensitive: true, trailingSlash: 'tolerated' },
  { caseSensitive: false, trailingSlash: 'strict' },
  { caseSensitive: true, trailingSlash: 'strict' },
];

describe("the matcher names what Express 5's router would run", () => {
  for (const matching of MATCHINGS) {
    it(`${matching.caseSensitive ? 'case counts' : 'any case'}, trailing slash ${matching.trailingSlash}`, () => {
      fc.assert(
        fc.property(
          operationList,
          fc.array(fc.tuple(method, target), { minLength: 1, maxLength: 12 }),
          (operations, requests) => {
            fc.pre(findOverlaps(operations, matching).length === 0);
            const match = createMatcher(operations, matching);
            const express = createExpressMatcher(operations, matching);
            // Paths of the contract itself, so that most requests match something.
            const own = operations.map(({ method, path }): [Method, string] => [
              method,
              path.replaceAll(/\{\w+\}/g, 'q'),
            ]);
            for (const [method, target] of [...requests, ...own]) {
              assert.equal(
                match(method, target)?.operationId,
                express(method, target)?.operationId,
                `${method} ${target}`,
              );
            }
          },
        ),
        { numRuns: 1_000 },
      );
    });
  }
});
