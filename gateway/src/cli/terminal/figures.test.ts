import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { agoText, countText, latencyText, manyText, rateText, shareText, sparkline } from './figures.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const ago = (seconds: number) => agoText(new Date(NOW.getTime() - seconds * 1_000).toISOString(), NOW);

describe('figures for people', () => {
  it('say how long ago something was', () => {
    assert.deepEqual([0, 0.9, 3, 59.9, 60, 3_599, 3_600, 86_399, 86_400, 200_000].map(ago), [
      'now',
      'now',
      '3 s ago',
      '59 s ago',
      '1 min ago',
      '59 min ago',
      '1 h ago',
      '23 h ago',
      '1 d ago',
      '2 d ago',
    ]);
    assert.equal(ago(-5), 'now');
    assert.equal(agoText(null, NOW), 'never');
    assert.equal(agoText(undefined, NOW), 'never');
    assert.equal(agoText('yesterday', NOW), '?');
  });

  it('are short, and never say none of a little or all of almost all', () => {
    assert.deepEqual([0, 0.01, 0.6, 12.34, 99.94, 99.96, 1_234.4].map(rateText), [
      '0',
      '<0.1',
      '0.6',
      '12.3',
      '99.9',
      '100',
      '1,234',
    ]);
    assert.deepEqual([0, 0.0002, 0.025, 0.9995, 1].map(shareText), [
      '0 %',
      '<0.1 %',
      '2.5 %',
      '>99.9 %',
      '100 %',
    ]);
    assert.deepEqual([null, undefined, 0.42, 8.4, 999.4, 999.6, 12_345].map(latencyText), [
      '–',
      '–',
      '0.4 ms',
      '8 ms',
      '999 ms',
      '1.0 s',
      '12.3 s',
    ]);
    assert.deepEqual(
      [manyText(1, 'replica'), manyText(2_000, 'replica'), manyText(0, 'reply', 'replies')],
      ['1 replica', '2,000 replicas', '0 replies'],
    );
    assert.equal(countText(1_000_000), '1,000,000');
  });

  it('are drawn as bars, a dot for none and a blank for what was not measured', () => {
    assert.equal(sparkline([0, 1, 4, 8], 6, 8), '·▁▄█');
    assert.equal(sparkline([1, 2, 3, null, 9], 3, 9), '▃ █');
    assert.equal(sparkline([0, 0], 3, 0), '··');
    assert.equal(sparkline([20], 1, 8), '█');
  });
});
