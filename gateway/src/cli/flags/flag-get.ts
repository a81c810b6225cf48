import { ADMIN_OPTIONS, type Admin, askAny, createAdmins, dataOf } from '../admin/client.ts';
import type { Route, Snapshot } from '../admin/types.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { readLine } from '../command-line.ts';
import { layoutFor, writeLines } from '../terminal/layout.ts';
import { findRoutes } from './find-routes.ts';
import { renderFlag, renderFlags } from './flag-text.ts';

export const flagGet: Command = {
  usage: 'flag get <operation|carve-out> [--json] [--url URL]',
  about: 'Shows what a flag says, what is in force, and what it may be set to now.',
  details: `  --json    the operations as the admin API answers them: one, or a list for a carve-out`,
  run(args, context) {
    const { values, positionals } = readLine(args, ADMIN_OPTIONS);
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) throw new UsageError('name one operation or carve-out');
    return withRefusals(values.json, context, async () => {
      const admins = await createAdmins(values.url, context);
      const { routes, snapshot } = await askAny(admins, readFlags);
      const found = findRoutes(routes, name);
      if (values.json) {
        const shown = found.kind === 'operation' ? found.routes[0] : found.routes;
        context.out.write(`${JSON.stringify(shown)}\n`);
      } else {
        const layout = layoutFor(context);
        const lines =
          found.kind === 'operation'
            ? renderFlag(found.routes[0], snapshot, layout)
            : renderFlags(found.routes, snapshot, layout);
        writeLines(context.out, lines);
      }
      return EXIT.done;
    });
  },
};

/** What the replica shows, and the flags as they are written: a flag that is not in force has its weight only there. */
export async function readFlags({
  api,
}: Admin): Promise<{ readonly routes: readonly Route[]; readonly snapshot: Snapshot }> {
  const [routes, snapshot] = await Promise.all([api.GET('/routes'), api.GET('/snapshot')]);
  return { routes: dataOf(routes), snapshot: dataOf(snapshot) };
}
