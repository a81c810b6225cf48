import assert from 'node:assert/strict';
import { Agent, request as send } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@banyan/stack/testing/until';
import type { Random } from '../../datapath/fuzz/mutate.ts';
import { readAnswer } from './answers.ts';
import { WHO } from './backends.ts';
import { type FleetOperation, OPERATIONS, READS } from './operations.ts';
import type { Replica } from './replica.ts';

/** A request that was answered as it should be, and what proves whose answer it was. */
export type Served = {
  readonly replica: string;
  readonly operation: FleetOperation;
  readonly account: string | null;
  readonly servedBy: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly tookMs: number;
  /** The highest version that this replica had proven when the request was sent. */
  readonly floor: number;
};

export type Load = AsyncDisposable & {
  readonly served: readonly Served[];
  /** What was wrong with a request, in words. */
  readonly faults: readonly string[];
  /**
   * Answered that nobody can say whose it is. Whoever is not logged in is asked about every time, with a deadline,
   * which a busy machine may miss: no matter of flags. Counted where the replica's log says so of that time.
   */
  readonly askedInVain: () => number;
  /** How many were sent by whoever is not logged in, and need to know. */
  readonly askedWho: () => number;
  readonly sent: () => number;
  /** Sends nothing more there, and waits for what is under way. */
  leave(replica: Replica): Promise<void>;
  join(replica: Replica): void;
  /** Sends nothing more, and waits for what is under way. */
  stop(): Promise<void>;
};

export type LoadOptions = {
  readonly perSecond: number;
  readonly random: Random;
  /** Of an override that asks for proof alone. */
  readonly token: string;
  /** What the data says. */
  readonly revisionOf: (carveOut: string, id: string) => number;
};

const IN_FLIGHT_MAX = 400;
const TICK_MS = 10;
const REQUEST_DEADLINE_MS = 20_000;
/** Idle connections are given up long before the gateway does it, so that no request meets its end. */
const IDLE_MS = 5_000;
const ACCOUNTS = Array.from({ length: 100 }, (_, each) => `a${each}`);
/** Asked at once. */
const INTRODUCED_MAX = 20;
const RECORDS = 300;
/** A replica that goes on failing to ask says so once in that time. */
const WARNED_EVERY_MS = 5_000;
const ANONYMOUS_SHARE = 0.05;

/**
 * Requests at a rate, whatever becomes of them (an open loop, of which at most IN_FLIGHT_MAX are under way), by many
 * accounts and some that are not logged in, for every operation alike.
 */
export function startLoad(
  replicas: readonly Replica[],
  { perSecond, random, token, revisionOf }: LoadOptions,
): Load {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS, maxSockets: IN_FLIGHT_MAX });
  const served: Served[] = [];
  const faults: string[] = [];
  const targets = new Set(replicas);
  const proven = new Map<string, number>();
  const underWay = new Map<Replica, Set<Promise<void>>>();
  let isStopped = false;
  let sent = 0;
  let askedInVain = 0;
  let askedWho = 0;

  const sendOne = async (replica: Replica): Promise<void> => {
    const operation = random.pick(OPERATIONS);
    const id = String(1 + random.below(RECORDS));
    const account = random.next() < ANONYMOUS_SHARE ? null : random.pick(ACCOUNTS);
    const carveOut = operation.carveOut ?? 'none';
    if (account === null && carveOut !== 'none') askedWho += 1;
    const floor = proven.get(replica.name) ?? 0;
    const revisionBefore = revisionOf(carveOut, id);
    const startedAt = Date.now();
    const beganMs = performance.now();
    const what = `${operation.operationId} ${id} of ${account} at ${replica.name}`;
    try {
      const { status, headers, text } = await ask(replica.port, {
        method: operation.method,
        path: operation.path.replace('{id}', id),
        headers: {
          'X-Banyan-Override': token,
          ...(account === null ? {} : { Cookie: `sid=${account}` }),
          ...(operation.kind === 'write' ? { 'Content-Length': '0' } : {}),
        },
      });
      const proof = {
        operation: String(headers['x-banyan-operation']),
        servedBy: String(headers['x-banyan-served-by']),
        version: Number(headers['x-banyan-flags']),
      };
      if (account === null && carveOut !== 'none' && status === 500 && text === 'unavailable') {
        const endedAt = Date.now();
        await until(() => saysMonolithIsLate(replica, startedAt - WARNED_EVERY_MS, endedAt), {
          deadlineMs: REQUEST_DEADLINE_MS,
          what: 'its reason',
        });
        askedInVain += 1;
        return;
      }
      const wrong = judge(status, text, proof);
      if (wrong !== undefined) faults.push(`${what}: ${wrong}`);
      const { servedBy, version } = proof;
      const tookMs = performance.now() - beganMs;
      const times = { startedAt, endedAt: Date.now(), tookMs, floor };
      served.push({ replica: replica.name, operation, account, servedBy, version, ...times });
      proven.set(replica.name, Math.max(proven.get(replica.name) ?? 0, version));
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      faults.push(`${what}: failed after ${Math.round(performance.now() - beganMs)} ms: ${code ?? message}`);
    }

    function judge(
      status: number,
      text: string,
      proof: { operation: string; servedBy: string; version: number },
    ): string | undefined {
      if (proof.operation !== operation.operationId || !Number.isSafeInteger(proof.version)) {
        return `answered ${status} with the proof ${JSON.stringify(proof)}`;
      }
      if (account === null && carveOut !== 'none') {
        return status === 401 && text === WHO
          ? undefined
          : `answered ${status} to nobody: ${text.slice(0, 200)}`;
      }
      if (status !== 200) return `answered ${status}: ${text.slice(0, 200)}`;
      const said = readAnswer(text);
      if (typeof said === 'string') return `answered with ${said}`;
      if (
        said.operationId !== operation.operationId ||
        said.id !== id ||
        said.account !== (account ?? 'nobody')
      ) {
        return `got another's answer: ${JSON.stringify(said)}`;
      }
      if (said.side !== proof.servedBy) return `came from ${said.side}, proven is ${proof.servedBy}`;
      const earliest = revisionBefore + (operation.kind === 'write' ? 1 : 0);
      if (said.revision < earliest || said.revision > revisionOf(carveOut, id)) {
        return `is of revision ${said.revision}, when ${earliest} was acknowledged before`;
      }
      return undefined;
    }
  };

  const ask = (
    port: number,
    options: { method: string; path: string; headers: Record<string, string> },
  ): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> =>
    new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(REQUEST_DEADLINE_MS);
      const request = send({ host: '127.0.0.1', port, agent, signal, ...options }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end();
    });

  const inFlight = (): number => [...underWay.values()].reduce((sum, { size }) => sum + size, 0);

  const run = async (): Promise<void> => {
    const beganMs = performance.now();
    while (!isStopped) {
      const due = Math.floor(((performance.now() - beganMs) * perSecond) / 1_000);
      while (sent < due && inFlight() < IN_FLIGHT_MAX) {
        const replica = random.pick([...targets]);
        const ofReplica = underWay.get(replica) ?? new Set();
        underWay.set(replica, ofReplica);
        const one = sendOne(replica);
        ofReplica.add(one);
        void one.finally(() => ofReplica.delete(one));
        sent += 1;
      }
      await pause(TICK_MS);
    }
  };
  const running = run();

  const stop = async (): Promise<void> => {
    isStopped = true;
    await running;
    await Promise.all([...underWay.values()].flatMap((each) => [...each]));
    agent.destroy();
  };

  return {
    served,
    faults,
    askedInVain: () => askedInVain,
    askedWho: () => askedWho,
    sent: () => sent,
    leave: async (replica) => {
      targets.delete(replica);
      await Promise.all(underWay.get(replica) ?? []);
    },
    join: (replica) => void targets.add(replica),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Lets a replica learn who all accounts are, which it asks the monolith, with a deadline: on a machine that is busy it
 * may ask in vain, which is no matter of flags. Whoever is known stays so. The flights must be at the service.
 */
export async function introduceAccounts({ port, name }: Replica): Promise<void> {
  for (let from = 0; from < ACCOUNTS.length; from += INTRODUCED_MAX) {
    const introduced = ACCOUNTS.slice(from, from + INTRODUCED_MAX).map((account) =>
      until(
        async () => {
          const headers = { Cookie: `sid=${account}` };
          const answer = await fetch(`http://127.0.0.1:${port}/flights/1`, { headers });
          return (await answer.text()).startsWith('flights ');
        },
        { deadlineMs: REQUEST_DEADLINE_MS, what: `an introduction of ${account} to ${name}` },
      ),
    );
    await Promise.all(introduced);
  }
}

/** Fails where so many were asked about in vain that no busy machine explains it. */
export function assertFewAskedInVain({ askedInVain, askedWho }: Load): void {
  const of = askedWho();
  assert.ok(askedInVain() <= of / 4, `the monolith was asked in vain ${askedInVain()} times of ${of}`);
}

/** Waits until each says again that nobody is logged in: whoever was asked about in vain, it was for a while. */
export async function untilNobodyIsTold(replicas: readonly Replica[]): Promise<void> {
  for (const { port, name } of replicas) {
    for (const { path, operationId } of READS) {
      await until(
        async () => {
          const answer = await fetch(`http://127.0.0.1:${port}${path.replace('{id}', '1')}`);
          return (await answer.text()) === WHO && answer.status === 401;
        },
        { deadlineMs: REQUEST_DEADLINE_MS, what: `${operationId} for nobody at ${name}` },
      );
    }
  }
}

/** By its log of that time, in milliseconds since the epoch. */
function saysMonolithIsLate({ process }: Replica, fromMs: number, toMs: number): boolean {
  const said = process
    .stdout()
    .split('\n')
    .filter(
      (line) => line.includes('the monolith does not say who is calling') && /no answer within \d/.test(line),
    );
  return said.some((line) => {
    const atMs = Date.parse(JSON.parse(line).time);
    return atMs >= fromMs && atMs <= toMs;
  });
}

/** In milliseconds: the value below which that part of them is. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
