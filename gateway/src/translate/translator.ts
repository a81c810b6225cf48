import type { Exchange } from '../datapath/exchange.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { CarvedOperation } from './carved-operation.ts';
import { type TranslationParts, TranslationRun } from './translation-run.ts';

export type Translator = {
  /** Answers what was decided to be translated or refused. */
  answer(exchange: Exchange, context: RequestContext): Promise<void>;
  /** Waits for what still runs when its clients have left; gives how many were left after the limit. */
  settle(limitMs: number): Promise<number>;
};

export type TranslatorParts = TranslationParts & {
  readonly operations: readonly CarvedOperation[];
};

/** Runs the translations of carved-out operations. */
export function createTranslator(parts: TranslatorParts): Translator {
  const byOperation = new Map(parts.operations.map((each) => [each.operation, each]));
  let running = 0;
  let whenIdle: (() => void) | undefined;

  return {
    answer: async (exchange, context) => {
      const carved = context.operation && byOperation.get(context.operation);
      if (carved === undefined) throw new Error('a request was to be translated that is of no carve-out');
      const run = new TranslationRun(parts, carved, exchange, context);
      running += 1;
      try {
        if (context.decision.action === 'refuse') await run.refuse(new Error(context.decision.reason));
        else await run.run();
      } finally {
        running -= 1;
        if (running === 0) whenIdle?.();
      }
    },
    settle: async (limitMs) => {
      if (running === 0) return 0;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        whenIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      return running;
    },
  };
}
