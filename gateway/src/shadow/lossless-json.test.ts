import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type JsonNode, parseLossless, stringOf } from './lossless-json.ts';

/** The value again, by what the node says of the text. */
function valueIn(text: string, node: JsonNode): unknown {
  switch (node.type) {
    case 'string':
      return stringOf(text, node);
    case 'array':
      return node.items.map((item) => valueIn(text, item));
    case 'object':
      return Object.fromEntries([...node.fields].map(([name, value]) => [name, valueIn(text, value)]));
    default:
      return JSON.parse(text.slice(node.start, node.end));
  }
}

describe('JSON read without loss', () => {
  it('says the same as JSON.parse, whatever the text', () => {
    const texts = fc.oneof(
      fc.json({ maxDepth: 5 }),
      fc.jsonValue().map((value) => JSON.stringify(value, null, 2)),
      fc.jsonValue().map((value) => JSON.stringify(value, null, '\t').replaceAll(/[é-￿]/g, escaped)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const root = parseLossless(text);
        assert.ok(root);
        assert.deepEqual(valueIn(text, root), JSON.parse(text));
      }),
    );
  });

  it('keeps numbers as they are written, fields in their order, and of a repeated one the last', () => {
    const text = '{"b":9007199254740993,"1":1.0,"a":-0,"x":1E2,"a":1.10}';
    const root = parseLossless(text);
    assert.equal(root?.type, 'object');
    const fields = root?.type === 'object' ? [...root.fields] : [];
    assert.deepEqual(
      fields.map(([name, { start, end }]) => [name, text.slice(start, end)]),
      [
        ['b', '9007199254740993'],
        ['1', '1.0'],
        ['x', '1E2'],
        ['a', '1.10'],
      ],
    );
  });

  it('refuses what is no JSON, and what is nested too deep to walk through', () => {
    for (const text of ['', '{', '{"a":1,}', "{'a':1}", '01', '1 2', '\u00a01', 'nul']) {
      assert.equal(parseLossless(text), undefined, text);
    }
    assert.ok(parseLossless('['.repeat(60) + ']'.repeat(60)));
    assert.equal(parseLossless('['.repeat(100_000) + ']'.repeat(100_000)), undefined);
  });
});

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
