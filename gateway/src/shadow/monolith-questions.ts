import type { IncomingMessage } from 'node:http';
import { createMonolithAgent, headerLinesOf, type MonolithAgentOptions } from '../proxy/monolith-agent.ts';
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

export type MonolithQuestionsParts = MonolithAgentOptions & {
  readonly headBytesMax: number;
};

/** Asks the monolith over connections of its own, so that no client's request waits for it. */
export function createMonolithQuestions(parts: MonolithQuestionsParts): MonolithQuestions {
  const agent = createMonolithAgent(parts);

  const send = (
    { method, target, fields }: MonolithQuestion,
    signal: AbortSignal,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = agent.request({
        ...agent.to,
        method,
        path: target,
        headers: [...fields],
        maxHeaderSize: parts.headBytesMax,
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
    close: agent.close,
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
  return {
    status: incoming.statusCode ?? 0,
    headers: headerLinesOf(incoming.rawHeaders),
    body: Buffer.concat(pieces, length),
  };
}
