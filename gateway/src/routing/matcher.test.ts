import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createMatcher, pathOf } from './matcher.ts';
import { METHODS, type Method, type Operation } from './operation.ts';
import { findOverlaps } from './overlaps.ts';
import type { PathMatching } from './path-template.ts';

const EXPRESS: PathMatching = { caseSensitive: false, trailingSlash: 'tolerated' };
const STRICT: PathMatching = { caseSensitive: true, trailingSlash: 'strict' };

const operation = (method: Method, path: string): Operation => ({
  operationId: `${method} ${path}`,
  method,
  path,
});

const bookings = [
  operation('POST', '/api/v1/bookings'),
  operation('GET', '/api/v1/bookings'),
  operation('GET', '/api/v1/bookings/export.csv'),
  operation('GET', '/api/v1/bookings/{id}'),
  operation('PATCH', '/api/v1/bookings/{id}'),
  operation('GET', '/api/v1/bookings/{id}/itinerary.ics'),
  operation('GET', '/api/v1/files/{name}.pdf'),
];

describe('the matcher', () => {
  const match = createMatcher(bookings, EXPRESS);
  const cases: readonly [string, string, string | undefined][] = [
    ['GET', '/api/v1/bookings', 'GET /api/v1/bookings'],
    ['GET', '/api/v1/bookings?page=2', 'GET /api/v1/bookings'],
    ['GET', '/api/v1/bookings?', 'GET /api/v1/bookings'],
    ['GET', '/API/v1/Bookings/', 'GET /api/v1/bookings'],
    ['GET', '/api/v1/bookings//', undefined],
    ['GET', '//api/v1/bookings', undefined],
    ['GET', '/api/v1/./bookings', undefined],
    ['GET', '/api/v1/%62ookings', undefined],
    ['HEAD', '/api/v1/bookings', 'GET /api/v1/bookings'],
    ['POST', '/api/v1/bookings', 'POST /api/v1/bookings'],
    ['PUT', '/api/v1/bookings', undefined],
    ['PROPFIND', '/api/v1/bookings', undefined],
    ['get', '/api/v1/bookings', undefined],
    ['GET', '/api/v1/bookings/EXPORT.csv', 'GET /api/v1/bookings/export.csv'],
    ['PATCH', '/api/v1/bookings/export.csv', 'PATCH /api/v1/bookings/{id}'],
    ['GET', '/api/v1/bookings/..', 'GET /api/v1/bookings/{id}'],
    ['GET', '/api/v1/bookings/%2F', 'GET /api/v1/bookings/{id}'],
    ['GET', '/api/v1/bookings/%zz', undefined],
    ['GET', '/api/v1/bookings/7/itinerary.ics/?a=/b', 'GET /api/v1/bookings/{id}/itinerary.ics'],
    ['GET', '/api/v1/bookings//itinerary.ics', undefined],
    ['GET', '/api/v1/files/a.PDF', 'GET /api/v1/files/{name}.pdf'],
    ['GET', '/api/v1/files/.pdf', undefined],
    ['GET', 'http://elsewhere/api/v1/bookings', 'GET /api/v1/bookings'],
    ['OPTIONS', '*', undefined],
    ['GET', '', undefined],
  ];
  for (const [method, target, expected] of cases) {
    it(`names ${method} ${target || '(nothing)'} ${expected ?? 'nothing'}`, () => {
      assert.equal(match(method, target)?.operationId, expected);
    });
  }

  it('keeps case and trailing slash apart when told to', () => {
    const strict = createMatcher([operation('GET', '/Orders/'), operation('GET', '/orders')], STRICT);
    assert.equal(strict('GET', '/Orders/')?.path, '/Orders/');
    assert.equal(strict('GET', '/Orders'), undefined);
    assert.equal(strict('GET', '/orders/'), undefined);
    assert.equal(strict('GET', '/orders')?.path, '/orders');
  });

  it('lets a HEAD of its own win over the GET it would inherit', () => {
    const match = createMatcher([operation('HEAD', '/a'), operation('GET', '/a')], EXPRESS);
    assert.equal(match('HEAD', '/a')?.method, 'HEAD');
  });

  it('never throws, whatever the target', () => {
    fc.assert(
      fc.property(fc.constantFrom(...METHODS), fc.string({ unit: 'binary' }), (method, target) => {
        match(method, target);
        match(method, `/${target}`);
        match(method, `/api/v1/bookings/${target}`);
      }),
    );
  });

  it('does not let query or fragment decide', () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        assert.equal(match('GET', `/api/v1/bookings/1?${tail}`)?.operationId, 'GET /api/v1/bookings/{id}');
      }),
    );
  });
});

describe('the path in a target', () => {
  for (const [target, path] of [
    ['/a?b#c', '/a'],
    ['/a#b?c', '/a'],
    ['http://h', '/'],
    ['http://h/a?x=http://y/z', '/a'],
    ['*', '*'],
  ] as const) {
    it(`of ${target} is ${path}`, () => assert.equal(pathOf(target), path));
  }
});

describe('overlaps', () => {
  const overlaps = (...paths: string[]) =>
    findOverlaps(
      paths.map((path) => operation('GET', path)),
      EXPRESS,
    ).map(({ first, second, why }) => `${first.path} ${second.path}: ${why}`);

  it('are two templates that differ in names alone', () => {
    assert.deepEqual(overlaps('/a/{x}', '/A/{y}/'), ['/a/{x} /A/{y}/: the same path']);
  });
  it('are two templates that cross', () => {
    assert.deepEqual(overlaps('/a/{x}/c', '/a/b/{y}'), [
      '/a/{x}/c /a/b/{y}: neither is more concrete than the other',
    ]);
    assert.equal(overlaps('/{x}.{y}', '/a{z}').length, 1);
  });
  it('are not a concrete path beside a template that covers it', () => {
    assert.deepEqual(overlaps('/a/{x}', '/a/b', '/a/{x}.pdf', '/a/{x}.json', '/a/{x}/c'), []);
  });
  it('are not two methods of one path', () => {
    assert.deepEqual(findOverlaps([operation('GET', '/a'), operation('POST', '/a')], EXPRESS), []);
  });

  it('are exactly what makes the order of a contract matter', () => {
    const template = fc
      .array(fc.constantFrom('a', 'b', '{x}', '{y}.c', 'a.c'), { minLength: 1, maxLength: 3 })
      .map((segments) => `/${segments.map((s, i) => s.replace(/[xy]/, `p${i}`)).join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(template, { minLength: 2, maxLength: 5 }), template, (templates, probe) => {
        const operations = templates.map((path) => operation('GET', path));
        fc.pre(findOverlaps(operations, EXPRESS).length === 0);
        const path = probe.replaceAll(/\{p\d\}/g, 'a');
        const forward = createMatcher(operations, EXPRESS)('GET', path);
        const backward = createMatcher(operations.toReversed(), EXPRESS)('GET', path);
        assert.equal(forward, backward);
      }),
    );
  });
});
