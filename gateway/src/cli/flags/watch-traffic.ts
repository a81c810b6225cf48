import { type Admin, askAny, dataOf, versionOf } from '../admin/client.ts';
import type { CommandContext } from '../command.ts';
import { watch } from '../terminal/watch.ts';
import { addTraffic, NO_HISTORY, printTraffic, renderTraffic } from './traffic-screen.ts';

/** Short enough that a flip shows at once, long enough for a p99 that does not jump; it is counted in steps of ten. */
const WINDOW_SECONDS = 20;

/** Shows both backends of these reads until the command is stopped. */
export async function watchTraffic(
  admins: readonly Admin[],
  operationIds: readonly string[],
  context: CommandContext,
): Promise<void> {
  let history = NO_HISTORY;
  const startedMs = context.now();
  await watch(context, {
    ask: async () => {
      const answer = await askAny(admins, ({ api }) =>
        api.GET('/routes', { params: { query: { seconds: WINDOW_SECONDS } } }),
      );
      const routes = dataOf(answer).filter(({ operationId }) => operationIds.includes(operationId));
      history = addTraffic(history, routes);
      return {
        routes,
        history,
        version: versionOf(answer),
        windowSeconds: WINDOW_SECONDS,
        forSeconds: (context.now() - startedMs) / 1_000,
      };
    },
    draw: renderTraffic,
    print: printTraffic,
  });
}
