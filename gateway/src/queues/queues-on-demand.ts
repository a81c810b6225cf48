import type { QueuesConfig } from '../config/config.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Queues } from './queues.ts';

/**
 * Queues whose libraries are loaded, and whose Redis is connected to, when somebody first asks: no start waits for
 * them, and no request.
 */
export function createQueuesOnDemand(
  settings: QueuesConfig,
  parts: { readonly now: () => number; readonly logger: Logger },
): Queues {
  let opening: Promise<Queues> | undefined;
  const opened = (): Promise<Queues> => {
    opening ??= import('./open-queues.ts').then(({ openQueues }) => openQueues(settings, parts));
    return opening;
  };
  return {
    named: settings.named,
    list: async () => (await opened()).list(),
    one: async (queue) => (await opened()).one(queue),
    letters: async (queue, page) => (await opened()).letters(queue, page),
    inspect: async (queue, id) => (await opened()).inspect(queue, id),
    find: async (queue, wanted) => (await opened()).find(queue, wanted),
    settle: async (queue, ids, action) => (await opened()).settle(queue, ids, action),
    bullQueues: async () => (await opened()).bullQueues(),
    close: async () => {
      if (opening === undefined) return;
      await (await opening).close();
    },
  };
}
