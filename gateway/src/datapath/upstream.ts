import type { Dial } from './dial.ts';
import type { DataPathLimits } from './limits.ts';
import type { ResponseReceiver } from './upstream-connection.ts';
import { UpstreamConnection } from './upstream-connection.ts';

/** An exchange in need of a connection. */
export type Applicant = ResponseReceiver & {
  /** May be sent again if the connection dies under it; so an older one will do. */
  readonly isRepeatable: boolean;
  connected(connection: UpstreamConnection): void;
  unreachable(cause: Error): void;
};

/**
 * Which connection will do. `kept`: one that served before, if there is one. `fresh`: not such a one. `restarted`:
 * a fresh one, but only if the monolith refused connections in the meantime, and so is another one by now.
 */
export type Choice = 'kept' | 'fresh' | 'restarted';

/** Where requests go: connections to one monolith, kept and made. */
export type Upstream = {
  /** Answers by `connected` or `unreachable`, at once or later. */
  request(applicant: Applicant, choice: Choice): void;
  /** The applicant no longer wants the connection that it waits for. */
  withdraw(applicant: Applicant): void;
  /** Takes a connection back; keeps it if it can serve again. */
  giveBack(connection: UpstreamConnection): void;
  /** Ends idle connections that are past their time. The data path calls it with its clock. */
  sweep(nowMs: number): void;
  readonly idleCount: number;
  close(): void;
};

export type UpstreamOptions = {
  readonly dial: Dial;
  readonly limits: DataPathLimits;
  readonly now: () => number;
};

/** Between two tries to reach an upstream that refuses, while it may be restarting. */
const REDIAL_MS = 50;

/**
 * Idle connections are kept as a stack: the one used last is the one most likely alive, and the rest can
 * grow old and go.
 *
 * A monolith that refuses connections right after it answered is taken to be restarting: for `connectMs`
 * from its first refusal, or its last answer on a connection of before, requests wait and try again. Meanwhile
 * one that may be repeated takes a connection on which the old process still answers. After that the monolith
 * is down, and each is told at its own first refusal, until one gets through.
 */
export function createUpstream({ dial, limits, now }: UpstreamOptions): Upstream {
  const idle: UpstreamConnection[] = [];
  const waiting = new Map<Applicant, () => void>();
  /** Of those waiting, who was refused and would take a kept connection. */
  const refused = new Set<Applicant>();
  let reachedAt = Number.NEGATIVE_INFINITY;
  let refusedSince: number | undefined;
  let isClosed = false;

  const owner = {
    headBytesMax: limits.headBytesMax,
    left: (connection: UpstreamConnection): void => {
      const at = idle.lastIndexOf(connection);
      if (at !== -1) idle.splice(at, 1);
    },
  };

  const mayBeRestarting = (): boolean =>
    reachedAt !== Number.NEGATIVE_INFINITY &&
    refusedSince !== undefined &&
    now() - refusedSince < limits.connectMs;

  const connect = (applicant: Applicant, choice: Choice, until: number): void => {
    const abandon = dial({
      timeoutMs: Math.max(1, until - now()),
      connected: (socket) => {
        waiting.delete(applicant);
        reachedAt = now();
        refusedSince = undefined;
        const connection = new UpstreamConnection(socket, owner);
        connection.assign(applicant);
        if (choice !== 'restarted') applicant.connected(connection);
        else {
          keep(connection);
          applicant.unreachable(new Error('the monolith is there, and did not restart'));
        }
      },
      failed: (cause, why) => {
        waiting.delete(applicant);
        if (why === 'refused') refusedSince ??= now();
        // One may have come back while this was dialling, and found nobody who waits for it.
        const idled = choice === 'kept' && applicant.isRepeatable ? takeIdle(applicant) : undefined;
        if (idled !== undefined) {
          serve(idled, applicant);
          return;
        }
        if (why === 'refused' && mayBeRestarting() && now() + REDIAL_MS < until && !isClosed) {
          redial(applicant, choice === 'kept' ? choice : 'fresh', until);
          return;
        }
        applicant.unreachable(cause);
      },
    });
    waiting.set(applicant, abandon);
  };

  const redial = (applicant: Applicant, choice: Choice, until: number): void => {
    const timer = setTimeout(() => {
      refused.delete(applicant);
      connect(applicant, choice, until);
    }, REDIAL_MS);
    if (choice === 'kept' && applicant.isRepeatable) refused.add(applicant);
    waiting.set(applicant, () => {
      refused.delete(applicant);
      clearTimeout(timer);
    });
  };

  const withdraw = (applicant: Applicant): void => {
    const abandon = waiting.get(applicant);
    waiting.delete(applicant);
    abandon?.();
  };

  const serve = (connection: UpstreamConnection, applicant: Applicant): void => {
    connection.assign(applicant);
    applicant.connected(connection);
  };

  const keep = (connection: UpstreamConnection): void => {
    connection.release();
    connection.idleSince = now();
    idle.push(connection);
  };

  /** The youngest idle connection, if it will do for the request. */
  const takeIdle = (applicant: Applicant): UpstreamConnection | undefined => {
    const connection = idle.at(-1);
    if (connection === undefined) return undefined;
    if (!applicant.isRepeatable && now() - connection.idleSince >= limits.reuseIdleMs) return undefined;
    idle.pop();
    return connection;
  };

  return {
    request: (applicant, choice) => {
      const connection = choice === 'kept' ? takeIdle(applicant) : undefined;
      if (connection === undefined) connect(applicant, choice, now() + limits.connectMs);
      else serve(connection, applicant);
    },
    withdraw,
    giveBack: (connection) => {
      if (!connection.isReusable || isClosed || idle.length >= limits.upstreamIdleMax) {
        connection.destroy();
        return;
      }
      // It still answers, though it may refuse to be connected to.
      if (refusedSince !== undefined) refusedSince = now();
      keep(connection);
      const [next] = refused;
      if (next === undefined) return;
      withdraw(next);
      idle.pop();
      serve(connection, next);
    },
    sweep: (nowMs) => {
      let old = 0;
      while (
        old < idle.length &&
        nowMs - (idle[old] as UpstreamConnection).idleSince >= limits.upstreamIdleMs
      ) {
        old++;
      }
      for (const connection of idle.splice(0, old)) connection.destroy();
    },
    get idleCount() {
      return idle.length;
    },
    close: () => {
      isClosed = true;
      for (const connection of idle.splice(0)) connection.destroy();
    },
  };
}
