import { ADMIN_OPTIONS, type Admin, askAny, createAdmins, dataOf, versionOf } from '../admin/client.ts';
import type { Route } from '../admin/types.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { readLine } from '../command-line.ts';
import { spanText } from '../terminal/figures.ts';
import { type Layout, layoutFor, writeLines } from '../terminal/layout.ts';
import { watch } from '../terminal/watch.ts';
import { findRoutes } from './find-routes.ts';
import { renderRoutes } from './routes-table.ts';

type Seen = {
  readonly routes: readonly Route[];
  readonly version: number;
  readonly url: string;
  readonly seconds: number;
};

/** What the figures are of. Watched, they are to follow what happens. */
const WINDOW_SECONDS = 300;
const WATCHED_WINDOW_SECONDS = 30;

export const routesCommand: Command = {
  usage: 'routes [operation|carve-out] [--watch] [--json] [--url URL]',
  about: 'Shows where each operation goes, who owns its data, who flipped it last, and how its backends do.',
  details: `  --watch   draws it anew every two seconds, until Ctrl-C
  --json    what the admin API answers
  --url     an admin port; without it BANYAN_ADMIN_URL, else http://127.0.0.1:8081

Requests, errors and latencies are of the last five minutes (watched, of 30 seconds) and of the replica that
answers; so is MONOLITH, which says when that replica last asked the monolith. RW: what reads, and what writes.`,
  run(args, context) {
    const { values, positionals } = readLine(args, {
      ...ADMIN_OPTIONS,
      watch: { type: 'boolean', default: false },
    });
    const [name, ...more] = positionals;
    if (more.length > 0) throw new UsageError('one operation or carve-out may be named');
    if (values.watch && values.json) throw new UsageError('--watch and --json exclude each other');
    return withRefusals(values.json, context, async () => {
      const admins = await createAdmins(values.url, context);
      const seconds = values.watch ? WATCHED_WINDOW_SECONDS : WINDOW_SECONDS;
      const see = () => askAny(admins, (admin) => readRoutes(admin, name, seconds));
      if (values.watch) {
        const show = (seen: Seen, layout: Layout) => render(seen, layout);
        await watch(context, { ask: see, draw: show, print: (seen, layout) => [...show(seen, layout), ''] });
        return EXIT.done;
      }
      const seen = await see();
      if (values.json) context.out.write(`${JSON.stringify(seen.routes)}\n`);
      else writeLines(context.out, render(seen, layoutFor(context)));
      return EXIT.done;
    });
  },
};

async function readRoutes({ api, url }: Admin, name: string | undefined, seconds: number): Promise<Seen> {
  const answer = await api.GET('/routes', { params: { query: { seconds } } });
  const all = dataOf(answer);
  const routes = name === undefined ? all : findRoutes(all, name).routes;
  return { routes, version: versionOf(answer), url, seconds };
}

function render({ routes, version, url, seconds }: Seen, layout: Layout): string[] {
  if (routes.length === 0) {
    return ['The gateway has no contract: everything goes to the monolith, under no name.'];
  }
  const foot = `flags at version ${version}; figures of the last ${spanText(seconds)}, of ${url}`;
  return [...renderRoutes(routes, layout), '', layout.paint('dim', foot)];
}
