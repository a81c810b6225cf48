import { ADMIN_OPTIONS, askAny, createAdmins, dataOf } from '../admin/client.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { readLine, readWhole } from '../command-line.ts';
import { layoutFor, writeLines } from '../terminal/layout.ts';
import { renderDifferences } from './diff-text.ts';

const SHOWN_MAX = 1_000;

export const diffCommand: Command = {
  usage: 'diff <operation> [--limit N] [--json] [--url URL]',
  about:
    'Shows where the service answered otherwise than the monolith, at the stage shadow: side by side, redacted.',
  details: `  --limit   how many of the last requests that differed are shown; without it 5
  --json    what the admin API answers

Letters stand as a and A, digits as 0: values are not kept. What differs is red at the monolith's side, green at the
service's. "unsteady" is what the monolith itself did not answer alike twice: volatile, most likely.
Differences are of the replica that answers, since its start.`,
  run(args, context) {
    const { values, positionals } = readLine(args, {
      ...ADMIN_OPTIONS,
      limit: { type: 'string', default: '5' },
    });
    const [operationId, ...more] = positionals;
    if (operationId === undefined || more.length > 0) throw new UsageError('name one operation');
    const limit = readWhole('limit', values.limit, { min: 0, max: SHOWN_MAX });
    return withRefusals(values.json, context, async () => {
      const admins = await createAdmins(values.url, context);
      const answer = dataOf(
        await askAny(admins, ({ api }) =>
          api.GET('/differences/{operationId}', { params: { path: { operationId } } }),
        ),
      );
      if (values.json) context.out.write(`${JSON.stringify(answer)}\n`);
      else writeLines(context.out, renderDifferences(answer, limit, layoutFor(context)));
      return EXIT.done;
    });
  },
};
