import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { editRequestHead } from '../datapath/edited-head.ts';
import { parseRequestHead, RequestHead } from '../wire/request-head.ts';
import { findOverride, mayCarryOverride, overrideEdits } from './override-fields.ts';

function headOf(...lines: string[]): RequestHead {
  const text = ['GET /api/v1/invoices?a=1 HTTP/1.1', 'Host: h', ...lines, '', 'a body'].join('\r\n');
  const bytes = Buffer.from(text, 'latin1');
  const head = parseRequestHead(bytes, 0, bytes.length);
  assert.ok(head instanceof RequestHead && head.fault === undefined);
  return head;
}

function withoutOverride(head: RequestHead): RequestHead {
  const edits = overrideEdits(head);
  return edits === undefined ? head : editRequestHead(head, edits);
}

const linesOf = (head: RequestHead): string[] =>
  head.bytes.toString('latin1', head.start, head.end).split('\r\n').slice(2, -2);
const found = (...lines: string[]) => findOverride(headOf(...lines));
const textOf = (...lines: string[]) => found(...lines)?.text;

describe('an override', () => {
  it('is found in the header, whatever its case, and in the cookie, wherever it stands', () => {
    assert.equal(textOf('X-BANYAN-override:  abc '), 'abc');
    assert.equal(textOf('Cookie: banyan_override=abc'), 'abc');
    assert.equal(textOf('cookie: a=1;banyan_override = "abc" ; b=2'), 'abc');
    assert.equal(textOf('Cookie: a=1', 'Cookie: b=2; banyan_override=abc'), 'abc');
    assert.equal(textOf('Cookie: banyan_override='), '');
    assert.equal(textOf('X-Banyan-Override:'), '');
  });

  it('is no other cookie whose name or value looks like it', () => {
    for (const cookie of [
      'Banyan_Override=abc',
      'my_banyan_override=abc',
      'banyan_override2=abc',
      'banyan_override',
      'a=banyan_override',
      'a="; banyan_override',
      '\xa0banyan_override=abc',
    ]) {
      const head = headOf(`Cookie: ${cookie}`);
      assert.equal(findOverride(head), undefined, cookie);
      assert.equal(withoutOverride(head), head, cookie);
    }
  });

  it('of the header wins over the cookie', () => {
    assert.deepEqual(found('Cookie: banyan_override=c', 'X-Banyan-Override: h'), {
      where: 'header X-Banyan-Override',
      text: 'h',
    });
  });

  it('that is repeated is a fault, unless cookies say the same', () => {
    assert.match(found('X-Banyan-Override: a', 'x-banyan-override: a')?.fault ?? '', /more than once/);
    assert.match(found('Cookie: banyan_override=a; banyan_override=b')?.fault ?? '', /different values/);
    assert.equal(textOf('Cookie: banyan_override=a', 'Cookie: banyan_override="a"'), 'a');
  });

  it('is not looked for where there is neither header nor cookie of that name', () => {
    assert.equal(mayCarryOverride(headOf()), false);
    assert.equal(mayCarryOverride(headOf('Cookie: MERIDIANSESSID=s%3Aabc')), false);
    assert.equal(mayCarryOverride(headOf('X-Banyan-Overridf: a', 'X-Other: banyan_override=x')), false);
  });
});

describe('a head without its override', () => {
  const cases: [string, string[], string[]][] = [
    ['has no line of the header', ['A: 1', 'x-Banyan-override: t', 'B: 2'], ['A: 1', 'B: 2']],
    ['has none of several', ['X-Banyan-Override: t', 'A: 1', 'X-Banyan-Override: u'], ['A: 1']],
    ['has no cookie of ours at the end', ['Cookie: a=1; banyan_override=t'], ['Cookie: a=1']],
    ['nor at the start', ['cookie: banyan_override=t; a=1'], ['cookie: a=1']],
    ['nor in between', ['Cookie: a=1; banyan_override=t; b="2"; '], ['Cookie: a=1; b="2";']],
    ['has no Cookie line that held nothing else', ['Cookie: banyan_override=t', 'A: 1'], ['A: 1']],
    ['keeps an empty Cookie line', ['Cookie: ', 'Cookie: banyan_override=t'], ['Cookie: ']],
    [
      'has none of any line',
      ['Cookie: a=1; banyan_override=t', 'B: 2', 'Cookie: banyan_override=t;c=3'],
      ['Cookie: a=1', 'B: 2', 'Cookie: c=3'],
    ],
    ['keeps bytes that are no ASCII', ['Cookie: a=\xe9\xff; banyan_override=t'], ['Cookie: a=\xe9\xff']],
    ['has both gone', ['X-Banyan-Override: t', 'Cookie: banyan_override=t'], []],
  ];
  for (const [title, lines, expected] of cases) {
    it(title, () => assert.deepEqual(linesOf(withoutOverride(headOf(...lines))), expected));
  }

  it('is otherwise the same request', () => {
    const head = headOf('Connection: close', 'X-Banyan-Override: t', 'Content-Length: 6');
    const clean = withoutOverride(head);
    assert.deepEqual(
      [clean.method, clean.target, clean.host(), clean.close, clean.framing, clean.contentLength],
      ['GET', '/api/v1/invoices?a=1', 'h', true, 'length', 6],
    );
    assert.equal(clean.bytes.length, clean.end);
    const absolute = Buffer.from('GET http://other/x HTTP/1.0\r\nX-Banyan-Override: t\r\n\r\n');
    const old = withoutOverride(parseRequestHead(absolute, 0, absolute.length) as RequestHead);
    assert.deepEqual([old.authority, old.target, old.minorVersion], ['other', '/x', 0]);
  });

  it('keeps every other cookie, byte for byte and in order, whatever they are', () => {
    const space = fc.constantFrom('', ' ', '  ', '\t');
    const other = fc
      .stringMatching(/^[!-:<-~\xa1-\xff]{0,12}$/)
      .filter((pair) => !/^[ \t]*banyan_override[ \t]*=/.test(pair));
    const ours = fc.stringMatching(/^banyan_override[ ]?=[ ]?[A-Za-z0-9."_-]{0,12}$/);
    const pair = fc.record({ before: space, text: fc.oneof(other, ours), after: space });
    fc.assert(
      fc.property(fc.array(fc.array(pair, { minLength: 1, maxLength: 6 }), { maxLength: 3 }), (lines) => {
        const head = headOf(
          ...lines.map(
            (pairs) => `Cookie: ${pairs.map(({ before, text, after }) => before + text + after).join(';')}`,
          ),
        );
        const isOurs = (text: string) => /^banyan_override[ ]?=/.test(text);
        const kept = (values: readonly string[]) =>
          values.flatMap((value) => value.split(';').map((each) => each.replace(/^[ \t]+|[ \t]+$/g, '')));
        const expected = lines.flat().flatMap(({ text }) => (isOurs(text) ? [] : text));
        const clean = withoutOverride(head);
        assert.equal(findOverride(clean), undefined);
        assert.equal(clean.bytes.includes('banyan_override='), false);
        // Empty pairs at the edges are white space of the line, and may go with what parted them.
        const full = (texts: string[]) => texts.filter((text) => text !== '');
        assert.deepEqual(full(kept(clean.values('cookie'))), full(expected));
        if (lines.flat().every(({ text }) => !isOurs(text))) assert.equal(clean, head);
      }),
    );
  });
});
