import type { Exchange } from '../datapath/exchange.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { Operation } from '../routing/operation.ts';
import type { Task } from './task.ts';
import { type TranslationParts, TranslationRun } from './translation-run.ts';

export type Translator = {
  /** Answers what was decided to be translated or refused. */
  answer(exchange: Exchange, context: RequestContext): Promise<void>;
  /** Answers by a task that no operation of the contract stands for. */
  run(task: Task, exchange: Exchange, context: RequestContext): Promise<void>;
  /** Waits for what still runs when its clients have left; gives how many were left after the limit. */
  settle(limitMs: number): Promise<number>;
};

export type TranslatorParts = TranslationParts & {
  /** Of every carved-out operation. */
  readonly tasks: ReadonlyMap<Operation, Task>;
};

/** Runs the translations of carved-out operations. */
export function createTranslator(parts: TranslatorParts): Translator {
  const { tasks } = parts;
  let running = 0;
  let whenIdle: (() => void) | undefined;

  const run = async (task: Task, exchange: Exchange, context: RequestContext): Promise<void> => {
    const started = new TranslationRun(parts, task, exchange, context);
    running += 1;
    try {
      if (context.decision.action === 'refuse') await started.refuse(new Error(context.decision.reason));
      else await started.run();
    } finally {
      running -= 1;
      if (running === 0) whenIdle?.();
    }
  };

  return {
    answer: async (exchange, context) => {
      const task = context.operation && tasks.get(context.operation);
      if (task === undefined) throw new Error('a request was to be translated that is of no carve-out');
      await run(task, exchange, context);
    },
    run,
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
