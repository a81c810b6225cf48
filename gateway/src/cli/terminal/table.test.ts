import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PAINTED, UNPAINTED } from './paint.ts';
import { textWidth } from './plain-text.ts';
import { renderTable } from './table.ts';

const COLUMNS = [
  { title: 'NAME' },
  { title: 'COUNT', align: 'right' },
  { title: 'REASON', widthMin: 8 },
] as const;
const ROWS = [
  ['one', '7', 'because of the long weekend'],
  ['twenty-two', '1,234', ''],
  [],
  ['日本', '', 'x'],
];

describe('a table', () => {
  it('stands in columns, and no line ends with blanks', () => {
    assert.deepEqual(renderTable(COLUMNS, ROWS, { width: Number.POSITIVE_INFINITY, paint: UNPAINTED }), [
      'NAME        COUNT  REASON',
      'one             7  because of the long weekend',
      'twenty-two  1,234',
      '',
      '日本               x',
    ]);
  });

  it('fits a width by cutting what may be cut, down to its least', () => {
    const lines = renderTable(COLUMNS, ROWS, { width: 30, paint: UNPAINTED });
    assert.equal(lines[1], 'one             7  because of…');
    assert.equal(Math.max(...lines.map(textWidth)), 30);
    assert.equal(
      renderTable(COLUMNS, ROWS, { width: 5, paint: UNPAINTED })[1],
      'one             7  because…',
    );
  });

  it('has cells over several columns, which make none wider, and at the end go on to the width', () => {
    const rows = [
      [{ text: 'a heading over all of them and on, that is cut', span: 3 }],
      ['one', '7', 'short'],
      [{ text: 'two of them', span: 2 }, 'third'],
      [{ text: 'two of several columns', span: 2 }, 'third'],
    ] as const;
    assert.deepEqual(renderTable(COLUMNS, rows, { width: 35, paint: UNPAINTED }), [
      'NAME  COUNT  REASON',
      'a heading over all of them and on,…',
      'one       7  short',
      'two of them  third',
      'two of sev…  third',
    ]);
  });

  it('stands the same in colours', () => {
    const rows = [
      [
        { text: 'one', style: 'bold' },
        { text: '7', style: 'red' },
        { text: '', style: 'red' },
      ],
    ] as const;
    const [, line = ''] = renderTable(COLUMNS, rows, { width: 80, paint: PAINTED });
    assert.equal(line, '\u001b[1mone\u001b[22m       \u001b[31m7\u001b[39m');
  });
});
