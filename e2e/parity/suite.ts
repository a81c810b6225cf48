import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { TEMPLATE_SEED_DATE } from '@banyan/stack/testing/database';
import { until } from '@banyan/stack/testing/until';
import type { Findings, Step } from '../differential/step.ts';
import { askBoth, differencesAfter, headerOf, isWrite, mayHaveWritten, statusOf } from './ask.ts';
import { listRoutes } from './flags.ts';
import type { Aggregate } from './sequences.ts';
import { LOG_INS, PARITY_STEPS } from './steps.ts';
import { type Builds, type Combination, startWorlds, type Worlds } from './worlds.ts';

const NOW = new Date(`${TEMPLATE_SEED_DATE}T12:00:00Z`);
/** Session of the cookie that is to have expired: the last that was made. */
const EXPIRE = `UPDATE session SET expire = '2026-11-22 11:59:59'
  WHERE sid = (SELECT sid FROM session ORDER BY expire DESC, sid DESC LIMIT 1)`;

export type ParityOptions = {
  /** All of this checkout by default. */
  readonly builds?: Builds;
  /** What is asked, in this order; each may need what one before it found. All by default. */
  readonly steps?: readonly Step[];
};

/** Every step at both worlds. One of a file at a time, since the clock is the whole process's. */
export function describeParity(
  title: string,
  combination: Combination,
  { builds = {}, steps = PARITY_STEPS }: ParityOptions = {},
): void {
  describe(`no client can tell: ${title}`, { timeout: 900_000 }, () => {
    let started: Worlds | undefined;
    const findings: Findings = { cookies: new Map(), values: new Map() };
    const worlds = (): Worlds => {
      assert.ok(started, 'the worlds have not started');
      return started;
    };

    before(async () => {
      // All but the gateway lives in this process, at one moment; the gateway is told.
      mock.timers.enable({ apis: ['Date'], now: NOW });
      started = await startWorlds(combination, NOW, findings, { builds });
      for (const each of LOG_INS) {
        const { direct, differences } = await askBoth(worlds(), each, findings);
        assert.deepEqual([statusOf(direct), differences], [each.status, []], each.title);
        each.keep?.(
          { status: each.status, header: (name) => headerOf(direct, name), body: direct.body },
          findings,
        );
        await worlds().tick();
      }
      await worlds().sql(EXPIRE);
    });
    after(async () => {
      await started?.stop();
      mock.timers.reset();
    });

    for (const each of steps) {
      it(each.title, async () => {
        await worlds().tick();
        const { direct, differences } = await askBoth(worlds(), each, findings);
        assert.equal(
          statusOf(direct),
          each.status,
          `the step is not what it means to be: ${direct.body.slice(0, 300)}`,
        );
        each.keep?.(
          { status: statusOf(direct), header: (name) => headerOf(direct, name), body: direct.body },
          findings,
        );
        assert.deepEqual(differences, []);
        if (isWrite(each) && mayHaveWritten(direct))
          assert.deepEqual(await differencesAfter(worlds(), each, findings), []);
      });
    }

    it('what one side told the other has come through queues', async () => {
      const { outboxes } = worlds();
      for (const { source, count } of outboxes) {
        const isTaken = async () => {
          // What waits to be tried again waits by the clock of the worlds.
          await worlds().tick();
          const { written, taken } = await count();
          return written === taken;
        };
        await until(isTaken, { deadlineMs: 120_000, what: `the acknowledgement of all events of ${source}` });
      }
      const written = await Promise.all(outboxes.map(async ({ count }) => (await count()).written));
      const owners = new Set(Object.values(combination));
      if (outboxes.length > 0 && owners.has('service')) assert.ok(Math.max(...written) > 0, `${written}`);
    });

    it('every operation of what left was answered by its service', async () => {
      const requests = worlds().gateway.lines.filter(({ msg }) => msg === 'request');
      const backendsOf = (operation: string) => [
        ...new Set(requests.filter((line) => line.operation === operation).map(({ backend }) => backend)),
      ];
      for (const { operationId, carveOut, kind } of await listRoutes(worlds().gateway)) {
        const backends = backendsOf(operationId);
        // What did not leave is not asked for in every run.
        if (carveOut === null)
          assert.ok(
            backends.every((backend) => backend === 'monolith'),
            operationId,
          );
        else {
          const place = combination[carveOut as Aggregate];
          const isServices = place === 'service' || (place === 'shared' && kind === 'read');
          assert.deepEqual(backends, [isServices ? carveOut : 'monolith'], operationId);
        }
      }
    });
  });
}
