import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { HeaderLine } from '../carve-out/answer.ts';
import type { CompareOptions } from '../carve-out/compare-options.ts';
import { compareAnswers, DIFFERENCES_MAX, repeated } from './compare.ts';
import { READ_BYTES_MAX } from './compare-bodies.ts';
import { createCompareRules } from './compare-rules.ts';
import type { Difference, Side } from './difference.ts';

const JSON_TYPE: HeaderLine = ['Content-Type', 'application/json; charset=utf-8'];

type Given = {
  readonly status?: number;
  readonly headers?: readonly HeaderLine[];
  readonly body?: string | Buffer;
};

function answer({ status = 200, headers = [], body = '' }: Given) {
  return { status, headers, body: Buffer.from(body) };
}

function compare(monolith: Given, service: Given, options: CompareOptions & { method?: string } = {}) {
  const { method = 'GET', ...rules } = options;
  return compareAnswers(method, answer(monolith), answer(service), createCompareRules(rules));
}

const shown = ({ type, length, text }: Side): string => `${type}(${length})${text === '' ? '' : ` ${text}`}`;
/** `kind path @at: monolith | service` */
const line = ({ kind, path, at, monolith, service }: Difference): string =>
  `${kind} ${path}${at === undefined ? '' : ` @${at}`}: ${shown(monolith)} | ${shown(service)}`;

function lines(monolith: Given, service: Given, options: CompareOptions & { method?: string } = {}) {
  return compare(monolith, service, options).found.map(line);
}

function jsonLines(monolith: string, service: string, options: CompareOptions = {}) {
  return lines({ headers: [JSON_TYPE], body: monolith }, { headers: [JSON_TYPE], body: service }, options);
}

describe('a comparison of JSON', () => {
  const cases: readonly (readonly [what: string, monolith: string, service: string, ...found: string[]])[] = [
    ['the same bytes', '{"a":[1,null,"x"]}', '{"a":[1,null,"x"]}'],
    [
      'a wrong value',
      '{"a":"412.50"}',
      '{"a":"412.05"}',
      'value $.a @4: string(6) 412.50 | string(6) 412.05',
    ],
    [
      'an integer beyond 2^53',
      '{"a":9007199254740993}',
      '{"a":9007199254740992}',
      'value $.a @15: number(16) 9007199254740993 | number(16) 9007199254740992',
    ],
    ['a decimal that is written otherwise', '[1.0]', '[1]', 'value $[0] @1: number(3) 1.0 | number(1) 1'],
    ['a number for a string', '{"a":"1"}', '{"a":1}', 'type $.a: string(1) 1 | number(1) 1'],
    ['null for an object', '{"a":{"b":1}}', '{"a":null}', 'type $.a: object(1) | null(4) null'],
    ['a field that is not there', '{"a":1,"b":[2]}', '{"a":1}', 'missing $.b: array(1) | absent(0)'],
    ['a field too many', '{"a":1}', '{"a":1,"b":true}', 'extra $.b: absent(0) | boolean(4) true'],
    [
      'deep inside',
      '{"p":[{"m":{"a":1}},{"m":{"a":2}}]}',
      '{"p":[{"m":{"a":1}},{"m":{"a":3}}]}',
      'value $.p[1].m.a @0: number(1) 2 | number(1) 3',
    ],
    [
      'fewer elements, of which the first is gone: no more than where it begins',
      '[{"i":3},{"i":2},{"i":1}]',
      '[{"i":2},{"i":1}]',
      'length $: array(3) | array(2)',
      'value $[0].i @0: number(1) 3 | number(1) 2',
    ],
    ['more elements, at the end', '[1]', '[1,2]', 'length $: array(1) | array(2)'],
    [
      'fields in another order',
      '{"a":1,"b":2}',
      '{"b":2,"a":1}',
      'representation $ @2: text(13) {"a":1,"b":2} | text(13) {"b":2,"a":1}',
    ],
    ['white space', '{"a":1}', '{"a": 1}', 'representation $ @5: text(7) {"a":1} | text(8) {"a": 1}'],
    [
      'another escape of the same letter',
      '["é"]',
      '["\\u00e9"]',
      'representation $ @2: text(5) ["é"] | text(10) ["\\u00e9"]',
    ],
    [
      'a field that is repeated',
      '{"a":1}',
      '{"a":2,"a":1}',
      'representation $ @5: text(7) {"a":1} | text(13) {"a":2,"a":1}',
    ],
    ['an odd name', '{"a b":1}', '{"a b":2}', 'value $["a b"] @0: number(1) 1 | number(1) 2'],
    ['the root itself', '"x"', '[]', 'type $: string(1) x | array(0)'],
    ['what is no JSON', '{"a":1}', '{"a":', 'text body @0: text(7) {"a":1} | text(5) {"a":'],
    ['nothing at all', '{"a":1}', '', 'bytes body @0: bytes(7) sha256:015abd7f5cc5 | absent(0)'],
  ];
  for (const [what, monolith, service, ...found] of cases) {
    it(`tells of ${what}`, () => assert.deepEqual(jsonLines(monolith, service), found));
  }

  it('shows of a long value the part that differs', () => {
    const [found] = compare(
      { headers: [JSON_TYPE], body: JSON.stringify(`${'x'.repeat(500)}1${'y'.repeat(500)}`) },
      { headers: [JSON_TYPE], body: JSON.stringify(`${'x'.repeat(500)}2${'y'.repeat(500)}`) },
    ).found;
    assert.equal(found?.at, 500);
    assert.match(found?.monolith.text ?? '', /^…x{40}1y{79}…$/);
    assert.equal(found?.monolith.length, 1_001);
  });

  it('leaves out what is declared volatile, with all that is in it, and its bytes too', () => {
    const [one, other] = [
      '{"id":1,"at":{"x":1},"p":[{"r":"a","s":1}]}',
      '{"id":1,"at":[],"p":[{"r":"bbb","s":1}]}',
    ];
    const ignore = ['$.at', '$.p[*].r'];
    assert.equal(jsonLines(one, other).length, 2);
    assert.deepEqual(jsonLines(one, other, { ignore }), []);
    assert.deepEqual(jsonLines(one, other.replace('"s":1', '"s":2'), { ignore }), [
      'value $.p[0].s @0: number(1) 1 | number(1) 2',
    ]);
    assert.equal(
      jsonLines(one, other.replace('"s":1', '"s": 1'), { ignore })[0]?.slice(0, 16),
      'representation $',
    );
    assert.deepEqual(jsonLines('{"a":1}', '{"a":2}', { ignore: ['$'] }), []);
  });

  it('finds a bounded number of differences, and says that there are more', () => {
    const many = (offset: number): string =>
      JSON.stringify(Array.from({ length: 50 }, (_, index) => index + offset));
    const all = compare({ headers: [JSON_TYPE], body: many(100) }, { headers: [JSON_TYPE], body: many(200) });
    assert.deepEqual([all.found.length, all.isComplete], [DIFFERENCES_MAX, false]);
    const one = compare({ headers: [JSON_TYPE], body: '[1]' }, { headers: [JSON_TYPE], body: '[2]' });
    assert.deepEqual([one.found.length, one.isComplete], [1, true]);
  });

  it('tells of any one value that was changed, and of none where there is none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [left, right] = [JSON.stringify(one), JSON.stringify(other)];
        assert.equal(jsonLines(left, right).length > 0, left !== right);
        const [nested] = jsonLines(`{"deep":[0,${left}]}`, `{"deep":[0,${right}]}`);
        if (nested !== undefined) assert.match(nested, /^\w+ \$(\.deep\[1\]|[ :])/);
        else assert.equal(left, right);
      }),
    );
  });
});

describe('a comparison of heads', () => {
  it('tells of status and of the chosen headers, whatever their order and case', () => {
    assert.deepEqual(lines({ status: 200 }, { status: 404 }), [
      'status status: status(3) 200 | status(3) 404',
    ]);
    assert.deepEqual(
      lines(
        {
          headers: [
            ['ETag', '"1-2"'],
            ['Link', '<a>'],
            ['Link', '<b>'],
            ['Vary', 'Accept'],
          ],
        },
        {
          headers: [
            ['link', '<a>, <b>'],
            ['etag', '"1-3"'],
            ['Allow', 'GET'],
          ],
        },
      ),
      [
        'extra header:allow: absent(0) | header(3) GET',
        'header header:etag @3: header(5) "1-2" | header(5) "1-3"',
        'missing header:vary: header(6) Accept | absent(0)',
      ],
    );
  });

  it('does not compare what every answer has of its own', () => {
    const own = (value: string): HeaderLine[] =>
      ['Date', 'Connection', 'Keep-Alive', 'Transfer-Encoding', 'Via', 'Age', 'Server', 'X-Request-Id'].map(
        (name) => [name, value] as const,
      );
    assert.deepEqual(lines({ headers: own('one') }, { headers: own('other') }), []);
  });

  it('compares cookies by their names alone', () => {
    const cookies = (...values: string[]) => ({
      headers: values.map((value) => ['Set-Cookie', value] as const),
    });
    assert.deepEqual(lines(cookies('sid=secret; Path=/', 'a=1'), cookies('sid=other; Secure', 'a=')), []);
    assert.deepEqual(lines(cookies('sid=secret'), cookies('SID=secret', 'b=2')), [
      'header header:set-cookie @0: header(3) sid | header(6) SID, b',
    ]);
  });

  it('looks at the length of a body only where there is no body to compare', () => {
    const length = (value: string) => ({ headers: [['Content-Length', value] as const], body: 'x' });
    assert.deepEqual(lines(length('1'), length('2')), []);
    assert.deepEqual(lines(length('1'), length('2'), { method: 'HEAD' }), [
      'header header:content-length @0: header(1) 1 | header(1) 2',
    ]);
    assert.deepEqual(lines({ ...length('1'), status: 304 }, { status: 304, body: 'x' }), [
      'missing header:content-length: header(1) 1 | absent(0)',
    ]);
    assert.equal(lines(length('1'), { body: 'x' }).length, 1);
  });

  it('leaves out what is declared volatile', () => {
    const [one, other] = [{ headers: [['ETag', 'a'] as const], status: 200 }, { status: 500 }];
    assert.deepEqual(lines(one, other, { ignore: ['header:etag', 'status'] }), []);
  });
});

describe('a comparison of other bodies', () => {
  const typed = (type: string, body: string | Buffer, more: readonly HeaderLine[] = []): Given => ({
    headers: [['Content-Type', type], ...more],
    body,
  });

  it('tells of text by the first line that differs', () => {
    const csv = (second: string) => typed('text/csv; charset=utf-8', `id;name\r\n${second}\r\n3;c\r\n`);
    assert.deepEqual(lines(csv('2;b'), csv('2;B')), ['text body @1: text(19) 2;b\r | text(19) 2;B\r']);
    assert.deepEqual(lines(typed('text/plain', 'a\nb'), typed('text/plain', 'a')), [
      'text body @1: text(3) b | absent(0)',
    ]);
  });

  it('tells of bytes by length, hash and the first that differs', () => {
    const bytes = Buffer.alloc(10_000, 7);
    const other = Buffer.from(bytes);
    other[9_001] = 8;
    assert.match(
      lines(typed('application/pdf', bytes), typed('application/pdf', other))[0] ?? '',
      /^bytes body @9001: bytes\(10000\) sha256:[0-9a-f]{12} \| bytes\(10000\) sha256:[0-9a-f]{12}$/,
    );
    assert.match(
      lines(typed('application/pdf', bytes), typed('application/pdf', bytes.subarray(1)))[0] ?? '',
      /^bytes body @9999: bytes\(10000\)/,
    );
  });

  it('reads nothing that is large', () => {
    const large = (last: string) => `{"a":"${'x'.repeat(READ_BYTES_MAX)}${last}"}`;
    assert.match(jsonLines(large('1'), large('2'))[0] ?? '', /^bytes body @131078: /);
  });

  it('compares what was compressed by what it says', () => {
    const gzip = (text: string, level: number) =>
      typed('application/json', gzipSync(text, { level }), [['Content-Encoding', 'gzip']]);
    const text = `{"a":"${'x'.repeat(2_000)}"}`;
    assert.notDeepEqual(gzip(text, 0).body, gzip(text, 9).body);
    assert.deepEqual(lines(gzip(text, 0), gzip(text, 9)), []);
    assert.match(lines(gzip('{"a":1}', 9), gzip('{"a":2}', 9))[0] ?? '', /^value \$\.a /);
    assert.deepEqual(lines(gzip('{"a":1}', 9), typed('application/json', '{"a":1}')), [
      'missing header:content-encoding: header(4) gzip | absent(0)',
    ]);
    const broken = typed('application/json', 'no gzip', [['Content-Encoding', 'gzip']]);
    assert.match(lines(gzip('{"a":1}', 9), broken)[0] ?? '', /^bytes body /);
    // A small one that would be huge.
    const bomb = gzip('x'.repeat(READ_BYTES_MAX * 4), 9);
    assert.match(lines(gzip('{"a":1}', 9), bomb)[0] ?? '', /^bytes body /);
  });
});

describe('what repeats', () => {
  it('is the same place and kind in both rounds', () => {
    const found = (service: string) =>
      compare({ headers: [JSON_TYPE], body: '{"a":1,"b":2}' }, { headers: [JSON_TYPE], body: service });
    const both = repeated(found('{"a":9,"b":2}'), found('{"a":8,"b":9}'));
    assert.deepEqual(both.map(line), ['value $.a @0: number(1) 1 | number(1) 8']);
    assert.deepEqual(repeated(found('{"a":9,"b":2}'), found('{"a":1,"b":9}')), []);
    assert.deepEqual(repeated(found('{"a":9,"b":2}'), found('{"a":null,"b":2}')), []);
  });
});
