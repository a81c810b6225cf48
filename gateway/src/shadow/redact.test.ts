import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareAnswers } from './compare.ts';
import { createCompareRules } from './compare-rules.ts';
import { mask, redact, redactPath } from './redact.ts';

const rules = createCompareRules({ show: ['$.status', '$.lines[*].currency'] });

function redacted(monolith: string, service: string, type = 'application/json') {
  const answer = (body: string) => ({
    status: 200,
    headers: [['Content-Type', type] as const],
    body: Buffer.from(body),
  });
  return compareAnswers('GET', answer(monolith), answer(service), rules).found.map((each) =>
    redact(each, rules),
  );
}

describe('what is kept of a difference', () => {
  const cases: readonly (readonly [value: string, shown: string])[] = [
    ['alice@example.com', 'aaaaa@aaaaaaa.aaa'],
    ['Zoë Šuk-O’Neill', 'Aaa Aaa-A·Aaaaa'],
    ['2026-11-22 19:30:00', '0000-00-00 00:00:00'],
    ['+358 (0)9 1234', '+000 (0)0 0000'],
    ['-9007199254740993.50e+7', '-0000000000000000.00a+0'],
    ['王小明 ١٢', 'aaa 00'],
    ['😀\u001b[31m\r\n\u0000', '··[00a···'],
    ['…cut…', '…aaa…'],
  ];
  for (const [value, shown] of cases) {
    it(`shows ${JSON.stringify(value)} by its form`, () => assert.equal(mask(value), shown));
  }

  it('holds neither names nor digits of a value, and yet says where it differs', () => {
    const found = redacted('{"bill_to":"Ann Lee","total":"412.50"}', '{"bill_to":"Ann Leo","total":412.5}');
    assert.deepEqual(found, [
      {
        path: '$.bill_to',
        field: '$.bill_to',
        kind: 'value',
        monolith: { type: 'string', length: 7, text: 'Aaa Aaa' },
        service: { type: 'string', length: 7, text: 'Aaa Aaa' },
        at: 6,
      },
      {
        path: '$.total',
        field: '$.total',
        kind: 'type',
        monolith: { type: 'string', length: 6, text: '000.00' },
        service: { type: 'number', length: 5, text: '000.0' },
      },
    ]);
  });

  it('shows null, true and false, the status, and what is declared showable', () => {
    const sides = (one: string, other: string) =>
      redacted(one, other).map(({ monolith, service }) => [monolith.text, service.text]);
    assert.deepEqual(sides('{"x":null}', '{"x":true}'), [['null', 'true']]);
    assert.deepEqual(sides('{"status":"PAID"}', '{"status":"OPEN"}'), [['PAID', 'OPEN']]);
    assert.deepEqual(sides('{"status":["A"]}', '{"status":["B"]}'), [['A', 'B']]);
    assert.deepEqual(sides('{"status_of":"PAID"}', '{"status_of":"OPEN"}'), [['AAAA', 'AAAA']]);
    assert.deepEqual(sides('{"lines":[{"currency":"EUR"}]}', '{"lines":[{"currency":"\\u001b"}]}'), [
      ['EUR', '·'],
    ]);
  });

  it('masks texts, and bytes whose form says nothing are shown by their hash', () => {
    assert.deepEqual(
      redacted('1;Ann\n2;Bob', '1;Ann\n2;Joe', 'text/csv').map(({ monolith, at }) => [monolith.text, at]),
      [['0;Aaa', 1]],
    );
    const [bytes] = redacted('%PDF-1', '%PDF-2', 'application/pdf');
    assert.match(bytes?.monolith.text ?? '', /^sha256:[0-9a-f]{12}$/);
  });

  it('masks names that do not look like names of fields', () => {
    assert.equal(redactPath('$.payments[0]["ann@example.com"].id'), '$.payments[0]["aaa@aaaaaaa.aaa"].id');
    assert.equal(redactPath('$["41"]["a\\"]b"]'), '$["00"]["a\\"]a"]');
  });

  it('shows of a head what says how the answer is made, and no more', () => {
    const answer = (value: string) => ({
      status: 200,
      headers: ['ETag', 'Location', 'Last-Modified', 'Cache-Control'].map((name) => [name, value] as const),
      body: Buffer.alloc(0),
    });
    const found = compareAnswers('GET', answer('no-store, 41'), answer('Ann'), rules).found;
    assert.deepEqual(
      found.map((each) => redact(each, rules)).map(({ field, monolith }) => [field, monolith.text]),
      [
        ['header:cache-control', 'no-store, 41'],
        ['header:etag', 'aa-aaaaa, 00'],
        ['header:last-modified', 'aa-aaaaa, 00'],
        ['header:location', 'aa-aaaaa, 00'],
      ],
    );
  });
});
