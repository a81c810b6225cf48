import { type Admin, askAny, createAdmins, dataOf } from '../admin/client.ts';
import type { Changed, Snapshot } from '../admin/types.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, type CommandContext, EXIT } from '../command.ts';
import { layoutFor, writeLines } from '../terminal/layout.ts';
import { renderChange } from './change-text.ts';
import { findRoutes } from './find-routes.ts';
import { readFlags } from './flag-get.ts';
import { type FlagSetLine, parseFlagSet } from './parse-flag-set.ts';
import { watchTraffic } from './watch-traffic.ts';

export const flagSet: Command = {
  usage:
    'flag set <operation|carve-out> monolith|shadow|canary|service --reason TEXT [--weight PERCENT] ' +
    '[--sample PERCENT] [--no-fallback] [--force] [--if-version N] [--watch] [--json] [--url URL]',
  about:
    'Sets the flag of one read, or of all reads of a carve-out at once. Writes follow the owner of their data.',
  details: `  --reason       why: it is kept in the audit
  --weight       canary: percent of accounts that go to the service, in steps of 0.001
  --sample       shadow: percent of requests that are asked of the service aside; without it all
  --no-fallback  the monolith does not answer in the place of a service that cannot be reached
  --force        also while the service does not say that it is serving, or its breaker is not closed
  --if-version   only if the flags are at this version; without it, at the one that is shown as from
  --watch        stays and shows how both backends do, until Ctrl-C
  --json         what the admin API answers

The flag is replaced, not amended: what is not said takes its default.

  banyan flag set getInvoice shadow --sample 10 --reason "compare under load"
  banyan flag set billing canary --weight 5 --reason "first accounts" --watch
  banyan flag set billing monolith --reason "p99 has doubled"`,
  run(args, context) {
    const line = parseFlagSet(args);
    return withRefusals(line.json, context, async () => {
      const admins = await createAdmins(line.urls, context);
      const { before, changed } = await askAny(admins, (admin) => setFlag(admin, line));
      if (line.json) context.out.write(`${JSON.stringify(changed)}\n`);
      else writeLines(context.out, renderChange(before, changed, layoutFor(context)));
      if (line.watch) await watchChange(admins, changed, context);
      return EXIT.done;
    });
  },
};

async function setFlag(
  admin: Admin,
  { name, wish, ifVersion }: FlagSetLine,
): Promise<{ readonly before: Snapshot; readonly changed: Changed }> {
  const { routes, snapshot: before } = await readFlags(admin);
  const found = findRoutes(routes, name);
  const header = { 'If-Match': `"${ifVersion ?? before.version}"` };
  const answer =
    found.kind === 'operation'
      ? await admin.api.PUT('/routes/{operationId}', {
          params: { path: { operationId: name }, header },
          body: wish,
        })
      : await admin.api.PUT('/carve-outs/{name}', { params: { path: { name }, header }, body: wish });
  return { before, changed: dataOf(answer) };
}

async function watchChange(
  admins: readonly Admin[],
  { set }: Changed,
  context: CommandContext,
): Promise<void> {
  context.out.write('\n');
  await watchTraffic(admins, set, context);
}
