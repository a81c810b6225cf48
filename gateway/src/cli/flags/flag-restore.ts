import { ADMIN_OPTIONS, type Admin, createAdmins, dataOf } from '../admin/client.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { readLine, readReason } from '../command-line.ts';
import { manyText } from '../terminal/figures.ts';
import { layoutFor, writeLines } from '../terminal/layout.ts';
import { renderOutcome } from './change-text.ts';

export const flagRestore: Command = {
  usage: 'flag restore --reason TEXT [--json] [--url URL]…',
  about: 'Gives a store of flags that was emptied the last snapshot that a replica has recorded.',
  details: `  --url     may be repeated: the replica with the highest version of those is asked to do it

Flips are refused with "store-behind" until this is done. \`banyan replicas\` shows who has recorded what.`,
  run(args, context) {
    const { values, positionals } = readLine(args, { ...ADMIN_OPTIONS, reason: { type: 'string' } });
    if (positionals.length > 0) throw new UsageError('it takes options alone');
    const reason = readReason(values.reason);
    return withRefusals(values.json, context, async () => {
      const { admin, version, at } = await findHighest(await createAdmins(values.url, context));
      const changed = dataOf(
        await admin.api.POST('/snapshot/restore', {
          params: { header: { 'If-Match': `"${version}"` } },
          body: { reason },
        }),
      );
      if (values.json) context.out.write(`${JSON.stringify(changed)}\n`);
      else {
        const flags = manyText(Object.keys(changed.snapshot.flags).length, 'flag');
        writeLines(context.out, [
          `restored ${flags} of ${at}, by ${admin.url}`,
          ...renderOutcome(changed, layoutFor(context)),
        ]);
      }
      return EXIT.done;
    });
  },
};

/** The one that serves the highest version. All of them are asked, and have to answer: the missing one may know more. */
async function findHighest(
  admins: readonly Admin[],
): Promise<{ readonly admin: Admin; readonly version: number; readonly at: string }> {
  const all = await Promise.all(
    admins.map(async (admin) => {
      const { version, at } = dataOf(await admin.api.GET('/snapshot'));
      return { admin, version, at };
    }),
  );
  return all.reduce((one, other) => (other.version > one.version ? other : one));
}
