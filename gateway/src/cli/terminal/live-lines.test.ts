import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLiveLines } from './live-lines.ts';

function terminal(rows?: number) {
  const written: string[] = [];
  const output = {
    write: (text: string) => void written.push(text),
    drained: () => Promise.resolve(),
    isTerminal: true,
    columns: 80,
    rows,
  };
  return { output, written };
}

describe('lines that are drawn anew', () => {
  it('stand where the last ones stood, also when they are fewer, and give the cursor back', () => {
    const { output, written } = terminal();
    const lines = createLiveLines(output);
    lines.draw(['a', 'b']);
    lines.draw(['c']);
    lines.draw(['d', 'e']);
    lines.end();
    lines.end();
    assert.deepEqual(written, [
      '\u001b[?25l\u001b[2Ka\n\u001b[2Kb\n\u001b[J',
      '\u001b[2A\r\u001b[2Kc\n\u001b[J',
      '\u001b[1A\r\u001b[2Kd\n\u001b[2Ke\n\u001b[J',
      '\u001b[?25h',
    ]);
  });

  it('never scroll away what is drawn over next: what a low window has no room for is counted', () => {
    const { output, written } = terminal(4);
    createLiveLines(output).draw(['a', 'b', 'c', 'd', 'e']);
    assert.match(written.join(''), /a\n.*b\n.*… 3 more lines: the window is too low\n/);
  });
});
