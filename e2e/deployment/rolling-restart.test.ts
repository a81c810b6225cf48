import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { createGround, type Undo } from '../parity/monolith.ts';
import type { Aggregate } from '../parity/sequences.ts';
import { LOADS, type Load } from './load.ts';
import { type System, startSystem } from './system.ts';

const REQUESTS_PER_SECOND = 100;
/** Of which each restarts every process once. */
const ROUNDS = Number(process.env.BANYAN_TEST_FUZZ_FACTOR ?? 1) > 1 ? 4 : 1;
const PROCESSES = 2;
/** Of each process, before the next one is restarted: clients have found it again. */
const CALLS_MIN = 10;
const FOUND_DEADLINE_MS = 60_000;
/** A machine that cannot keep up is asked less. */
const PENDING_MAX = 32;
/** One in so many is a write. */
const WRITE_EVERY = 5;
const ANSWER_MS_MAX = 30_000;

/** Sends at a steady rate, whatever comes back, until it is told to stop; gives what went wrong. */
function startLoad({ gatewayPort, cookies }: System, load: Load) {
  const failures: string[] = [];
  const pending = new Set<Promise<void>>();
  let sent = 0;
  let written = 0;
  let slowestMs = 0;
  const send = async (index: number): Promise<void> => {
    const write = index % WRITE_EVERY === 0 ? load.write(index / WRITE_EVERY) : null;
    const path = write?.path ?? load.reads[index % load.reads.length];
    const startedAt = performance.now();
    try {
      const answer = await fetch(`http://127.0.0.1:${gatewayPort}${path}`, {
        method: write ? 'POST' : 'GET',
        headers: { Cookie: cookies[load.as], ...(write ? { 'Content-Type': 'application/json' } : {}) },
        ...(write ? { body: JSON.stringify(write.body) } : {}),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      const body = await answer.text();
      if (answer.status !== (write ? 201 : 200))
        failures.push(`${path}: ${answer.status} ${body.slice(0, 200)}`);
      else if (write) written += 1;
    } catch (error) {
      failures.push(`${path}: ${String(error)} ${String((error as Error).cause ?? '')}`);
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  };
  const timer = setInterval(() => {
    if (pending.size >= PENDING_MAX) return;
    const sending = send(sent++);
    pending.add(sending);
    void sending.finally(() => pending.delete(sending));
  }, 1000 / REQUESTS_PER_SECOND);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(pending);
      return { sent, written, failures, slowestMs };
    },
  };
}

const untilFound = ({ services }: System): Promise<boolean> =>
  until(
    async () => (await Promise.all(services.map(({ calls }) => calls()))).every((each) => each >= CALLS_MIN),
    { deadlineMs: FOUND_DEADLINE_MS, what: 'calls of every process', everyMs: 50 },
  );

async function restartUnderLoad(name: Aggregate): Promise<string> {
  const undo: Undo = [];
  try {
    const ground = await createGround(undo);
    const load = await LOADS[name](ground.pool);
    const probe = String(load.reads[0]);
    const system = await startSystem({ name, ground, processes: PROCESSES, probe, undo });
    const before = await load.countWritten(system.pool);
    const running = startLoad(system, load);
    undo.push(() => running.stop());
    let restarts = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const service of system.services) {
        await untilFound(system);
        await service.restart();
        restarts += 1;
      }
    }
    await untilFound(system);
    const { sent, written, failures, slowestMs } = await running.stop();
    const causes = system.gatewayLines.filter((line) => line.includes('"cause"')).slice(0, 5);
    assert.deepEqual(failures, [], `${failures.length} of ${sent} failed: ${causes.join('\n')}`);
    assert.ok(sent > 100, `no load to speak of: ${sent}`);
    const made = (await load.countWritten(system.pool)) - before;
    assert.equal(made, written, 'each write was made once');
    return `${sent} requests, ${written} of them writes, ${restarts} restarts, slowest ${slowestMs.toFixed(0)} ms`;
  } finally {
    for (const release of undo.reverse()) await release();
  }
}

for (const name of ['billing', 'booking'] as const)
  test(`two processes of ${name} restart one after the other under load, and no request fails`, async (t) => {
    t.diagnostic(await restartUnderLoad(name));
  });
