import { Agent, type IncomingMessage, request } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { isIP } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { HeaderLine } from '../carve-out/answer.ts';
import type { ComparedAnswer } from './compare.ts';
import { ShadowSkip } from './shadow-skip.ts';

/** A safe request without a body, as the monolith had it. */
export type MonolithQuestion = {
  readonly method: string;
  readonly target: string;
  /** `[name, value, …]` */
  readonly fields: readonly string[];
};

export type MonolithQuestionOptions = {
  /** From now to the end of the answer. */
  readonly deadlineMs: number;
  readonly bodyBytesMax: number;
  readonly signal: AbortSignal;
  readonly mayKeep: (bytes: number) => boolean;
};

export type MonolithQuestions = {
  /** Rejects with ShadowSkip where no whole answer comes. */
  ask(question: MonolithQuestion, options: MonolithQuestionOptions): Promise<ComparedAnswer>;
  close(): void;
};

export type MonolithQuestionsParts = {
  /** Origin of the monolith. */
  readonly url: string;
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
  readonly connectionsMax: number;
  readonly headBytesMax: number;
};

const IDLE_MS = 4_000;

/** Asks the monolith over connections of its own, so that no client's request waits for it. */
export function createMonolithQuestions(parts: MonolithQuestionsParts): MonolithQuestions {
  const { url, ca, connectionsMax, headBytesMax } = parts;
  const origin = new URL(url);
  const isTls = origin.protocol === 'https:';
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  const connections = {
    keepAlive: true,
    maxSockets: connectionsMax,
    maxFreeSockets: connectionsMax,
    timeout: IDLE_MS,
  };
  const agent = isTls
    ? new TlsAgent({
        ...connections,
        ca: ca ?? [...new Set([...getCACertificates('default'), ...getCACertificates('system')])],
        ...(isIP(host) === 0 ? { servername: host } : {}),
      })
    : new Agent(connections);

  const send = (
    { method, target, fields }: MonolithQuestion,
    signal: AbortSignal,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = (isTls ? requestTls : request)({
        agent,
        host,
        port: origin.port || (isTls ? 443 : 80),
        method,
        path: target,
        headers: [...fields],
        maxHeaderSize: headBytesMax,
        signal,
      });
      outgoing.on('error', reject);
      outgoing.on('upgrade', (_answer, socket) => {
        socket.destroy();
        reject(new Error('an answer that switches protocols'));
      });
      outgoing.on('response', resolve);
      outgoing.end();
    });

  return {
    ask: async (question, options) => {
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), options.deadlineMs);
      try {
        const signal = AbortSignal.any([deadline.signal, options.signal]);
        return await readAnswer(await send(question, signal), options);
      } catch (error) {
        if (error instanceof ShadowSkip) throw error;
        throw new ShadowSkip(options.signal.aborted ? 'stopped' : 'monolith-unavailable', { cause: error });
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => agent.destroy(),
  };
}

async function readAnswer(
  incoming: IncomingMessage,
  { bodyBytesMax, mayKeep }: MonolithQuestionOptions,
): Promise<ComparedAnswer> {
  const pieces: Buffer[] = [];
  let length = 0;
  // Leaving it early ends its connection.
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > bodyBytesMax) throw new ShadowSkip('monolith-too-large');
    if (!mayKeep(piece.length)) throw new ShadowSkip('memory-full');
    pieces.push(piece);
  }
  if (!incoming.complete) throw new Error('an answer that broke off');
  const { rawHeaders } = incoming;
  const headers = Array.from(
    { length: rawHeaders.length / 2 },
    (_, index): HeaderLine => [rawHeaders[2 * index] as string, rawHeaders[2 * index + 1] as string],
  );
  return { status: incoming.statusCode ?? 0, headers, body: Buffer.concat(pieces, length) };
}
