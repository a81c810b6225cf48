import type { Exchange } from '../datapath/exchange.ts';
import type { RequestContext } from '../http/request-context.ts';
import { type Decision, decide } from '../rollout/decision.ts';
import type { Rollout } from '../rollout/routes.ts';
import type { Operation } from '../routing/operation.ts';
import type { CarvedOperation } from './carved-operation.ts';
import { type TranslationParts, TranslationRun } from './translation-run.ts';

export type Translator = {
  readonly decide: (operation: Operation | undefined) => Decision;
  /** Answers what was decided to be translated or refused. */
  answer(exchange: Exchange, context: RequestContext): Promise<void>;
  /** Waits for what still runs when its clients have left; gives how many were left after the limit. */
  settle(limitMs: number): Promise<number>;
};

export type TranslatorParts = TranslationParts & {
  readonly operations: readonly CarvedOperation[];
  readonly rollout: () => Rollout;
};

/** Decides for carved-out operations, and runs their translations. */
export function createTranslator(parts: TranslatorParts): Translator {
  const { rollout } = parts;
  const byOperation = new Map(parts.operations.map((each) => [each.operation, each]));
  let running = 0;
  let whenIdle: (() => void) | undefined;

  return {
    decide: (operation) => {
      const route = operation && rollout().routeOf(operation.operationId);
      // Neither an override nor an account is asked for yet, so that this is a decision.
      return decide(operation, route, { override: undefined, account: null }) as Decision;
    },
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
