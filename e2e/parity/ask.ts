import { setTimeout as pause } from 'node:timers/promises';
import { compareAnswers, type Difference } from '../differential/compare.ts';
import { exchangeRaw, type RawAnswer } from '../differential/raw-exchange.ts';
import { type Findings, renderStep, type Step, step } from '../differential/step.ts';
import { withoutVolatile } from './volatile.ts';
import type { Worlds } from './worlds.ts';

export type Asked = { readonly direct: RawAnswer; readonly differences: readonly Difference[] };

const READS = ['GET', 'HEAD', 'OPTIONS'];
export const isWrite = ({ method }: Pick<Step, 'method'>): boolean => !READS.includes(method);

/** Both worlds the same, at the same moment. */
export async function askBoth(worlds: Worlds, each: Step, findings: Findings): Promise<Asked> {
  const question = {
    bytes: renderStep(each, findings),
    method: each.method,
    ...(each.enough ? { enough: each.enough } : {}),
  };
  if (isWrite(each)) await worlds.align();
  const direct = await exchangeRaw(worlds.directPort, question);
  const through = await exchangeRaw(worlds.throughPort, question);
  return { direct, differences: withoutVolatile(compareAnswers(direct, through)) };
}

/** Of what was refused before it was begun, only the lists at the end are looked at. */
export const mayHaveWritten = (answer: RawAnswer): boolean => {
  const status = statusOf(answer);
  return status < 400 || status === 409 || status >= 500;
};

/**
 * After this, waiting for a refund or a confirmation across services is pointless. It only bounds a poll, which ends at
 * the first equal look, so nothing but a fault takes so long. Both worlds and the queues share a process with the test:
 * on a machine that does much else an event may need several seconds. How soon effects come is shown by `e2e/events`.
 */
const SETTLE_MS = 60_000;

/**
 * What is to be seen after a write, on either side. The monolith's transaction covers both contexts; a service hears
 * of the other's by an event, so it is asked again until it has.
 */
export async function differencesAfter(
  worlds: Worlds,
  written: Step,
  findings: Findings,
  settleMs = SETTLE_MS,
): Promise<Difference[]> {
  const endAt = performance.now() + settleMs;
  for (;;) {
    const differences: Difference[] = [];
    for (const look of looksAfter(written, findings)) {
      const asked = await askBoth(worlds, look, findings);
      differences.push(
        ...asked.differences.map((each) => ({ ...each, what: `${look.title}: ${each.what}` })),
      );
    }
    if (differences.length === 0 || performance.now() > endAt) return differences;
    await pause(50);
  }
}

function looksAfter(written: Step, findings: Findings): Step[] {
  const target = written.target(findings);
  const bookingId = /\/bookings\/(\d+)/.exec(target)?.[1];
  const invoiceId = /\/invoices\/(\d+)/.exec(target)?.[1];
  const look = (path: string, as: string): Step =>
    step(undefined, 200, 'GET', { target: path, as, title: `afterwards GET ${path}` });
  return [
    look('/api/v1/bookings?per_page=3', 'agent'),
    look('/api/v1/invoices?per_page=3', 'accountant'),
    ...(bookingId === undefined
      ? []
      : [
          look(`/api/v1/bookings/${bookingId}`, 'agent'),
          look(`/api/v1/bookings/${bookingId}/invoice`, 'accountant'),
        ]),
    ...(invoiceId === undefined ? [] : [look(`/api/v1/invoices/${invoiceId}`, 'accountant')]),
    look('/api/v1/flights/{flight}/seats', 'agent'),
  ];
}

export function statusOf({ statusLine }: RawAnswer): number {
  return Number(statusLine.split(' ')[1]);
}

export function headerOf({ headers }: RawAnswer, name: string): string | undefined {
  return headers
    .find((line) => line.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim();
}
