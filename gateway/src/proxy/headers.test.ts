import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { endToEndHeaders } from './headers.ts';

const CONNECTION_HEADERS = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'upgrade',
  'proxy-authorization',
];

describe('what is passed on of headers', () => {
  it('is nothing that Connection names, but what frames the body', () => {
    const raw = ['Connection', 'close, X-Hop, Content-Length', 'x-hop', '1', 'Content-Length', '3', 'X', '2'];
    assert.deepEqual(endToEndHeaders(raw), [
      ['Content-Length', ['3']],
      ['X', ['2']],
    ]);
  });

  const name = fc.oneof(
    fc.constantFrom('Accept', 'accept', 'Set-Cookie', 'X-Ä'),
    fc.constantFrom(...CONNECTION_HEADERS),
  );
  const rawHeaders = fc
    .array(fc.tuple(name, fc.constantFrom('1', '2', 'close')))
    .map((pairs) => pairs.flat());

  it('is every value of every other header, none twice, none changed', () => {
    fc.assert(
      fc.property(rawHeaders, (raw) => {
        const passed = endToEndHeaders(raw).flatMap(([name, values]) =>
          values.map((value) => `${name.toLowerCase()}: ${value}`),
        );
        const expected = raw
          .flatMap((text, index) => (index % 2 === 0 ? [`${text.toLowerCase()}: ${raw[index + 1]}`] : []))
          .filter((line) => !CONNECTION_HEADERS.some((hop) => line.startsWith(`${hop}:`)));
        assert.deepEqual(passed.toSorted(), expected.toSorted());
      }),
    );
  });

  it('keeps the order of first appearance and the case of the first', () => {
    assert.deepEqual(endToEndHeaders(['B', '1', 'a', '2', 'b', '3']), [
      ['B', ['1', '3']],
      ['a', ['2']],
    ]);
  });
});
