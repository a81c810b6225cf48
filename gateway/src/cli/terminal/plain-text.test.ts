import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutText, padText, plainText, textWidth, wrapText } from './plain-text.ts';

describe('what others wrote', () => {
  it('cannot steer a terminal, break a line or turn round what follows', () => {
    assert.equal(plainText('a\u001b[2Jb'), 'a\\u001b[2Jb');
    assert.equal(plainText('a\r\nb\tc'), 'a  b c');
    assert.equal(plainText('a\u202eb\u009bc\u2028d'), 'a\\u202eb\\u009bc d');
    assert.equal(plainText('Größe 日本 🚀'), 'Größe 日本 🚀');
  });

  it('is measured by the columns that it takes', () => {
    for (const [text, columns] of [
      ['abc', 3],
      ['Größe', 5],
      ['e\u0301', 1],
      ['日本', 4],
      ['🚀', 2],
      ['→ …', 3],
    ] as const) {
      assert.equal(textWidth(text), columns, text);
    }
  });

  it('is cut, filled and broken by columns', () => {
    assert.equal(cutText('abcdef', 6), 'abcdef');
    assert.equal(cutText('abcdefg', 6), 'abcde…');
    assert.equal(cutText('日本語', 5), '日本…');
    assert.equal(cutText('日本語', 4), '日…');
    assert.equal(cutText('abc', 0), '');
    assert.equal(padText('日', 4), '日  ');
    assert.equal(padText('7', 3, 'right'), '  7');
    assert.deepEqual(wrapText('one two three', 8), ['one two', 'three']);
    assert.deepEqual(wrapText('abcdefgh ij', 3), ['abc', 'def', 'gh', 'ij']);
    assert.deepEqual(wrapText('', 3), ['']);
  });
});
