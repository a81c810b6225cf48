import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { TEMPLATE_SEED_DATE } from '@banyan/stack/testing/database';
import { until } from '@banyan/stack/testing/until';
import { loadContract } from '../contract/contract.ts';
import { compareAnswers, type Difference } from './compare.ts';
import { KNOWN_DIFFERENCES, type KnownDifference } from './known-differences.ts';
import { exchangeRaw, type RawAnswer } from './raw-exchange.ts';
import { type Findings, renderStep } from './step.ts';
import { STEPS } from './steps.ts';
import { startTwins, type Twins } from './twins.ts';

const NOW = new Date(`${TEMPLATE_SEED_DATE}T12:00:00Z`);

describe('through the gateway every answer is the monolith’s own, byte for byte', {
  timeout: 900_000,
}, () => {
  let started: Twins | undefined;
  const findings: Findings = { cookies: new Map(), values: new Map() };
  const shown = new Set<KnownDifference>();
  const seen = new Set<string>();
  const twins = (): Twins => {
    assert.ok(started, 'the twins have not started');
    return started;
  };

  before(async () => {
    // Both monoliths live in this process, at one moment: what they date is equal to the second.
    mock.timers.enable({ apis: ['Date'], now: NOW });
    started = await startTwins(NOW);
    await plantFlight(started, findings);
  });
  after(async () => {
    await started?.stop();
    mock.timers.reset();
  });

  for (const step of STEPS) {
    it(step.title, async () => {
      const { directPort, throughPort, requestLines } = twins();
      const question = {
        bytes: renderStep(step, findings),
        method: step.method,
        ...(step.enough ? { enough: step.enough } : {}),
      };
      const direct = await exchangeRaw(directPort, question);
      const linesBefore = requestLines().length;
      const through = await exchangeRaw(throughPort, question);
      assert.equal(
        statusOf(direct),
        step.status,
        `the step is not what it means to be: ${direct.body.slice(0, 300)}`,
      );
      step.keep?.(
        { status: statusOf(direct), header: (name) => headerOf(direct, name), body: direct.body },
        findings,
      );
      assert.deepEqual(unknownDifferences(step.title, compareAnswers(direct, through), shown), []);

      const line = await until(() => requestLines()[linesBefore], {
        deadlineMs: 60_000,
        what: 'the access log line',
      });
      assert.equal(line.operation, step.operation);
      if (step.operation) seen.add(step.operation);
    });
  }

  it('every operation of the contract was compared', () => {
    assert.deepEqual(
      [...loadContract().operations.keys()].filter((id) => !seen.has(id)),
      [],
    );
  });

  it('every known difference still shows', () => {
    assert.deepEqual(
      KNOWN_DIFFERENCES.filter((known) => !shown.has(known)),
      [],
    );
  });
});

function unknownDifferences(
  title: string,
  differences: readonly Difference[],
  shown: Set<KnownDifference>,
): Difference[] {
  return differences.filter((difference) => {
    const known = KNOWN_DIFFERENCES.find(({ steps, what }) => what === difference.what && steps.test(title));
    if (known) shown.add(known);
    return !known;
  });
}

async function plantFlight({ sql }: Twins, { values }: Findings): Promise<void> {
  const [row] = await sql(
    `INSERT INTO flights (number, origin, destination, departs_at, arrives_at, aircraft, status, base_fare, updated_at)
     SELECT 'MA9001', min(code), max(code), '2026-12-01 10:00:00', '2026-12-01 12:00:00', 'A320', 'SCHEDULED', 412.50,
            '2026-11-22 12:00:00' FROM airports RETURNING id, origin, destination`,
  );
  assert.ok(row);
  values.set('flight', Number(row.id));
  values.set('from', String(row.origin));
  values.set('to', String(row.destination));
  values.set('date', '2026-12-01');
}

function statusOf({ statusLine }: RawAnswer): number {
  return Number(statusLine.split(' ')[1]);
}

function headerOf({ headers }: RawAnswer, name: string): string | undefined {
  return headers
    .find((line) => line.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim();
}
