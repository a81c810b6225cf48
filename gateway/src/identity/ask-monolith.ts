import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { HeaderLine } from '../carve-out/answer.ts';
import type { SessionAnswer } from '../carve-out/identity-adapter.ts';
import { createMonolithAgent, headerLinesOf, type MonolithAgentOptions } from '../proxy/monolith-agent.ts';

export type AskMonolith = {
  /**
   * One GET. Rejects where no whole answer comes in time. `persistent`: a refused connection is tried again for as
   * long as a monolith may take to restart.
   */
  ask(path: string, headers: readonly HeaderLine[], persistent: boolean): Promise<SessionAnswer>;
  close(): void;
};

export type AskMonolithOptions = Pick<MonolithAgentOptions, 'url' | 'ca'> & {
  readonly limits: AskMonolithLimits;
};

export type AskMonolithLimits = {
  /** The whole question, the wait for a connection included. */
  readonly deadlineMs: number;
  readonly connectionsMax: number;
  readonly headBytesMax: number;
  readonly answerBytesMax: number;
};

/** What a connection that was idle, or a server that restarts, ends with before it answered. */
const NOT_REACHED = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
const FIRST_RETRY_MS = 25;

/** Asks over connections of its own, which are kept, so that questions and clients' requests do not wait for each other. */
export function createAskMonolith({ url, ca, limits }: AskMonolithOptions): AskMonolith {
  const agent = createMonolithAgent({ url, ca, connectionsMax: limits.connectionsMax });
  const underWay = new Set<AbortController>();

  const once = (path: string, headers: readonly HeaderLine[], signal: AbortSignal): Promise<SessionAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = agent.request({
        ...agent.to,
        path,
        headers: ['Host', agent.authority, ...headers.flat()],
        maxHeaderSize: limits.headBytesMax,
        signal,
      });
      outgoing.on('error', reject);
      // Node closes what nobody wants to switch to, and says no more about it.
      outgoing.on('upgrade', (_answer, socket) => {
        socket.destroy();
        reject(new Error('an answer that switches protocols'));
      });
      // Whatever becomes of the request, who asked is told by the deadline.
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      outgoing.on('response', (incoming) => {
        readAnswer(incoming, limits.answerBytesMax).then(resolve, (error) => {
          outgoing.destroy();
          reject(error);
        });
      });
      outgoing.end();
    });

  return {
    ask: async (path, headers, persistent) => {
      const ending = new AbortController();
      const { signal } = ending;
      const deadline = setTimeout(
        () => ending.abort(new Error(`no answer within ${limits.deadlineMs} ms`)),
        limits.deadlineMs,
      );
      underWay.add(ending);
      try {
        for (let waitMs = FIRST_RETRY_MS; ; waitMs *= 2) {
          try {
            return await once(path, headers, signal);
          } catch (error) {
            const { code = '' } = error as NodeJS.ErrnoException;
            if (signal.aborted) throw signal.reason;
            if (!NOT_REACHED.has(code) || !persistent) throw error;
          }
          await pause(waitMs, undefined, { signal });
        }
      } finally {
        clearTimeout(deadline);
        underWay.delete(ending);
      }
    },
    close: () => {
      for (const ending of underWay) ending.abort(new Error('the gateway stops'));
      agent.close();
    },
  };
}

async function readAnswer(incoming: IncomingMessage, bytesMax: number): Promise<SessionAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) throw new Error(`an answer of more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  if (!incoming.complete) throw new Error('an answer that broke off');
  return {
    status: incoming.statusCode ?? 0,
    headers: headerLinesOf(incoming.rawHeaders),
    body: Buffer.concat(chunks),
  };
}
