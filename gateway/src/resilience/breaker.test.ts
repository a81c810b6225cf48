import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  admits,
  type BreakerEvent,
  type BreakerPolicy,
  type BreakerState,
  closedBreaker,
  createBreaker,
  transition,
} from './breaker.ts';

const POLICY: BreakerPolicy = {
  windowMs: 100,
  failuresMin: 3,
  openMs: 10,
  openMsMax: 30,
  probesNeeded: 2,
  probeMsMax: 50,
};

/** Plays `[time, event]` steps and gives the state behind each, by name. */
function play(...steps: [number, BreakerEvent][]): { names: string[]; state: BreakerState } {
  let state = closedBreaker(0);
  const names = steps.map(([at, event]) => {
    state = transition(state, event, at, POLICY);
    return state.kind;
  });
  return { names, state };
}

const THREE_FAILURES: [number, BreakerEvent][] = [
  [1, 'failure'],
  [2, 'failure'],
  [3, 'failure'],
];

describe('a breaker', () => {
  const cases: [string, [number, BreakerEvent][], string[]][] = [
    ['opens at enough failures', THREE_FAILURES, ['closed', 'closed', 'open']],
    [
      'stays closed while most calls succeed',
      [[1, 'success'], [1, 'success'], [1, 'success'], [1, 'success'], ...THREE_FAILURES],
      Array(7).fill('closed'),
    ],
    [
      'stays closed for calls that said nothing',
      [[1, 'withdrawn'], ...THREE_FAILURES.slice(1)],
      Array(3).fill('closed'),
    ],
    [
      'counts over two windows, and forgets what is older',
      [
        [1, 'failure'],
        [2, 'failure'],
        [349, 'success'],
        [350, 'failure'],
        [351, 'failure'],
        [460, 'failure'],
      ],
      ['closed', 'closed', 'closed', 'closed', 'closed', 'open'],
    ],
    [
      'opens at failures in a row that are too far apart to meet in a window',
      [
        [1, 'failure'],
        [1_000, 'failure'],
        [2_000, 'success'],
        [3_000, 'failure'],
        [4_000, 'failure'],
        [5_000, 'withdrawn'],
        [6_000, 'failure'],
      ],
      ['closed', 'closed', 'closed', 'closed', 'closed', 'closed', 'open'],
    ],
    [
      'admits nobody before its time',
      [...THREE_FAILURES, [12, 'ask'], [13, 'ask']],
      ['closed', 'closed', 'open', 'open', 'half-open'],
    ],
    [
      'closes after enough probes',
      [...THREE_FAILURES, [13, 'ask'], [14, 'success'], [14, 'ask'], [15, 'success']],
      ['closed', 'closed', 'open', 'half-open', 'half-open', 'half-open', 'closed'],
    ],
    [
      'opens again at a failed probe, for longer',
      [...THREE_FAILURES, [13, 'ask'], [14, 'failure'], [33, 'ask'], [34, 'ask']],
      ['closed', 'closed', 'open', 'half-open', 'open', 'open', 'half-open'],
    ],
    [
      'is moved by no call from before it opened',
      [...THREE_FAILURES, [4, 'success'], [5, 'failure'], [13, 'ask']],
      ['closed', 'closed', 'open', 'open', 'open', 'half-open'],
    ],
  ];
  for (const [title, steps, expected] of cases) {
    it(title, () => assert.deepEqual(play(...steps).names, expected));
  }

  it('stays open no longer than its limit', () => {
    const steps: [number, BreakerEvent][] = [...THREE_FAILURES];
    for (let at = 1_000; at < 10_000; at += 1_000) steps.push([at, 'ask'], [at, 'failure']);
    const { state } = play(...steps);
    assert.deepEqual(state, { kind: 'open', until: 9_030, openMs: 30 });
  });

  it('lets one probe go at a time, and takes one that never reports for failed', () => {
    const { state: probing } = play(...THREE_FAILURES, [13, 'ask']);
    const second = transition(probing, 'ask', 14, POLICY);
    assert.equal(admits(second, probing), false);
    const given = transition(probing, 'ask', 63, POLICY);
    assert.equal(admits(given, probing), true);
    const free = transition(probing, 'withdrawn', 14, POLICY);
    assert.equal(admits(transition(free, 'ask', 14, POLICY), free), true);
  });

  it('tells of every change of its state', () => {
    let at = 0;
    const states: string[] = [];
    const breaker = createBreaker(
      () => at,
      (state) => states.push(state),
      POLICY,
    );
    for (let i = 0; i < 3; i += 1) {
      assert.equal(breaker.tryEnter(), true);
      breaker.report('failure');
    }
    assert.equal(breaker.tryEnter(), false);
    at = 10;
    assert.equal(breaker.tryEnter(), true);
    assert.equal(breaker.tryEnter(), false);
    breaker.report('success');
    assert.equal(breaker.tryEnter(), true);
    breaker.report('success');
    assert.deepEqual(states, ['open', 'half-open', 'closed']);
  });
});
