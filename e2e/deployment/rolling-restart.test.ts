import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Undo } from '../parity/monolith.ts';
import { type System, startSystem } from './system.ts';

const REQUESTS_PER_SECOND = 100;
/** Of load behind the last restart. */
const AFTERWARDS_MS = 1_000;
/** One in so many is a write. */
const WRITE_EVERY = 5;
const ANSWER_MS_MAX = 10_000;

const READS = [
  '/api/v1/invoices/1',
  '/api/v1/invoices?per_page=5',
  '/api/v1/bookings/3/invoice',
  '/api/v1/invoices/1/pdf',
];

/** Sends at a steady rate, whatever comes back, until it is told to stop; gives what went wrong. */
function startLoad({ gatewayPort, cookies }: System) {
  const failures: string[] = [];
  const pending = new Set<Promise<void>>();
  let sent = 0;
  let slowestMs = 0;
  const send = async (index: number): Promise<void> => {
    const isWrite = index % WRITE_EVERY === 0;
    const path = isWrite ? '/api/v1/statements' : READS[index % READS.length];
    const startedAt = performance.now();
    try {
      const answer = await fetch(`http://127.0.0.1:${gatewayPort}${path}`, {
        method: isWrite ? 'POST' : 'GET',
        headers: { Cookie: cookies.accountant, ...(isWrite ? { 'Content-Type': 'application/json' } : {}) },
        ...(isWrite ? { body: JSON.stringify({ month: '2026-10', account_id: 1 + (index % 2) }) } : {}),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      const body = await answer.text();
      if (answer.status !== (isWrite ? 201 : 200))
        failures.push(`${path}: ${answer.status} ${body.slice(0, 200)}`);
    } catch (error) {
      failures.push(`${path}: ${String(error)} ${String((error as Error).cause ?? '')}`);
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  };
  const timer = setInterval(() => {
    const sending = send(sent++);
    pending.add(sending);
    void sending.finally(() => pending.delete(sending));
  }, 1000 / REQUESTS_PER_SECOND);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(pending);
      return { sent, failures, slowestMs };
    },
  };
}

async function restartUnderLoad(serviceCount: number, rounds: number): Promise<string> {
  const undo: Undo = [];
  try {
    const system = await startSystem({ serviceCount, undo });
    const load = startLoad(system);
    let restarts = 0;
    for (let round = 0; round < rounds; round++) {
      for (const service of system.services) {
        await pause(500);
        await service.restart();
        restarts += 1;
      }
    }
    await pause(AFTERWARDS_MS);
    const { sent, failures, slowestMs } = await load.stop();
    const causes = system.gatewayLines.filter((line) => line.includes('"cause"')).slice(0, 5);
    assert.deepEqual(failures, [], `${failures.length} of ${sent} failed: ${causes.join('\n')}`);
    assert.ok(sent > 100, `no load to speak of: ${sent}`);
    return `${sent} requests, ${restarts} restarts, slowest ${slowestMs.toFixed(0)} ms`;
  } finally {
    for (const release of undo.reverse()) await release();
  }
}

test('two processes of billing restart one after the other under load, and no request fails', async (t) => {
  t.diagnostic(await restartUnderLoad(2, 2));
});
