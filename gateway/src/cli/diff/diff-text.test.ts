import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Differences, RedactedSide } from '../admin/types.ts';
import { PAINTED, UNPAINTED } from '../terminal/paint.ts';
import { textWidth } from '../terminal/plain-text.ts';
import { renderDifferences } from './diff-text.ts';
import { sideBySide } from './side-by-side.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const LAYOUT = { width: 80, paint: UNPAINTED, now: NOW };
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000).toISOString();
const side = (type: RedactedSide['type'], length: number, text = ''): RedactedSide => ({
  type,
  length,
  text,
});

const NONE: Differences = {
  operationId: 'getInvoice',
  compared: 0,
  equal: 0,
  different: 0,
  unrepeated: 0,
  skipped: {},
  fields: [],
  differences: [],
};
const SOME: Differences = {
  ...NONE,
  compared: 1_204,
  equal: 1_200,
  different: 3,
  unrepeated: 1,
  skipped: { 'not-sampled': 4_000, 'service-late': 2, stopped: 0 },
  fields: [
    { field: '$.payments[*].amount', kind: 'value', count: 3, unsteady: 0 },
    { field: 'header:etag', kind: 'header', count: 1, unsteady: 1 },
  ],
  differences: [
    {
      at: ago(3),
      requestId: '01J0ABCDEF',
      method: 'GET',
      path: '/api/v1/invoices/{id}?page&per_page',
      conditions: ['If-None-Match'],
      status: { monolith: 200, service: 200 },
      isComplete: false,
      differences: [
        {
          path: '$.payments[0].amount',
          field: '$.payments[*].amount',
          kind: 'value',
          monolith: side('string', 6, '000.00'),
          service: side('string', 5, '000.0'),
          at: 5,
        },
        {
          path: '$.card',
          field: '$.card',
          kind: 'value',
          monolith: side('string', 4, 'aaaa'),
          service: side('string', 4, 'aaaa'),
          at: 2,
        },
        {
          path: '$.total',
          field: '$.total',
          kind: 'type',
          monolith: side('string', 6, '000.00'),
          service: side('number', 6, '000.00'),
        },
        {
          path: '$.lines',
          field: '$.lines',
          kind: 'length',
          monolith: side('array', 3),
          service: side('array', 1),
        },
        {
          path: '$.note',
          field: '$.note',
          kind: 'missing',
          monolith: side('string', 120, 'Aaaa aaaa aaaaaaaa aaa aaaaaa, aaaa aaaaaaa aaaa…'),
          service: side('absent', 0),
        },
        {
          path: 'header:etag',
          field: 'header:etag',
          kind: 'header',
          monolith: side('header', 9, 'W/"0a-aa"'),
          service: side('header', 9, 'W/"0a-0a\u001b[2J"'),
          at: 6,
          unsteady: true,
        },
      ],
    },
    {
      at: ago(900),
      requestId: '01J0ABCDEG',
      method: 'GET',
      path: '/api/v1/invoices/{id}/pdf',
      conditions: [],
      status: { monolith: 200, service: 500 },
      isComplete: true,
      differences: [
        {
          path: 'status',
          field: 'status',
          kind: 'status',
          monolith: side('status', 3, '200'),
          service: side('status', 3, '500'),
        },
        {
          path: 'body',
          field: 'body',
          kind: 'bytes',
          monolith: side('bytes', 1_200),
          service: side('bytes', 1),
          at: 7,
        },
      ],
    },
  ],
};

describe('what differed', () => {
  it('is counted by field, and shown with the monolith at the left and the service at the right', () => {
    const lines = renderDifferences(SOME, 5, LAYOUT);
    assert.deepEqual(lines, [
      'getInvoice: 1,204 compared, 1,200 equal, 3 different',
      '1 differed once and not again: something was being changed just then',
      'not compared: 4,000 not-sampled, 2 service-late',
      '',
      'COUNT  FIELD                 WHAT',
      '    3  $.payments[*].amount  value',
      '    1  header:etag           header  1 unsteady',
      '',
      'GET /api/v1/invoices/{id}?page&per_page with If-None-Match',
      '3 s ago, request 01J0ABCDEF',
      '    monolith 200                         │ service 200',
      '  $.payments[0].amount  value, from character 6, 6 and 5 characters',
      '    "000.00"                             │ "000.0"',
      '  $.card  value, from character 3, alike as far as it may be shown',
      '    "aaaa"                               │ "aaaa"',
      '  $.total  type, string and number',
      '    "000.00"                             │ 000.00',
      '  $.lines  length',
      '    array of 3 elements                  │ array of 1 element',
      '  $.note  missing',
      '    "Aaaa aaaa aaaaaaaa aaa aaaaaa, aaaa │ nothing',
      '     aaaaaaa aaaa…"                      │',
      '  header:etag  from character 7  unsteady',
      '    W/"0a-aa"                            │ W/"0a-0a\\u001b[2J"',
      '  and more',
      '',
      'GET /api/v1/invoices/{id}/pdf',
      '15 min ago, request 01J0ABCDEG',
      '    monolith 200                         │ service 500',
      '  status',
      '    200                                  │ 500',
      '  body  bytes, from byte 8',
      '    1200 bytes                           │ 1 byte',
    ]);
    assert.ok(Math.max(...lines.map(textWidth)) <= 80);
  });

  it('is shown as far as is asked for', () => {
    assert.deepEqual(renderDifferences(SOME, 1, LAYOUT).slice(-2), ['', '1 more kept: --limit 2 shows all']);
    assert.equal(renderDifferences(SOME, 0, LAYOUT).at(-1), '2 more kept: --limit 2 shows all');
  });

  it('is nothing, said plainly, with how many were compared', () => {
    assert.deepEqual(renderDifferences({ ...NONE, compared: 1_204, equal: 1_204 }, 5, LAYOUT), [
      'getInvoice: 1,204 compared, no differences',
    ]);
    assert.deepEqual(renderDifferences(NONE, 5, LAYOUT), [
      'getInvoice: nothing was compared yet.',
      '`banyan flag set getInvoice shadow --reason …` has the service asked aside.',
    ]);
  });
});

describe('two texts beside each other', () => {
  it('have in red and green what differs, and no more, also over several lines', () => {
    const lines = sideBySide('abcdefghij', 'abcdefgxyzij', { width: 19, paint: PAINTED });
    const [red, green, dim] = ['31', '32', '2'].map((code) => (text: string) => {
      return `\u001b[${code}m${text}\u001b[${code === '2' ? 22 : 39}m`;
    }) as [(text: string) => string, (text: string) => string, (text: string) => string];
    assert.deepEqual(lines, [
      `abcdefg${red('h')}${dim(' │ ')}abcdefg${green('x')}`,
      `ij      ${dim(' │ ')}${green('yz')}ij`,
    ]);
  });

  it('stand in columns whatever the letters', () => {
    const lines = sideBySide('日本語日本語', 'e\u0301é', { width: 23, paint: UNPAINTED });
    assert.deepEqual(lines, ['日本語日本 │ e\u0301é', '語         │']);
  });
});
