import { ADMIN_OPTIONS, askAny, createAdmins, dataOf } from '../admin/client.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { readLine, readWhole } from '../command-line.ts';
import { layoutFor, writeLines } from '../terminal/layout.ts';
import { renderAudit } from './audit-text.ts';

const ENTRIES_MAX = 500;

export const auditCommand: Command = {
  usage: 'audit [--limit N] [--before ID] [--json] [--url URL]',
  about:
    'Shows who changed flags, kills and overrides and settled dead letters, when, why, from what, to what; newest first.',
  details: `  --limit   how many entries, 1 to ${ENTRIES_MAX}; without it 20
  --before  only entries older than this one: what the page before ends with
  --json    what the admin API answers`,
  run(args, context) {
    const { values, positionals } = readLine(args, {
      ...ADMIN_OPTIONS,
      limit: { type: 'string', default: '20' },
      before: { type: 'string' },
    });
    if (positionals.length > 0) throw new UsageError('it takes options alone');
    const { before } = values;
    const limit = readWhole('limit', values.limit, { min: 1, max: ENTRIES_MAX });
    return withRefusals(values.json, context, async () => {
      const admins = await createAdmins(values.url, context);
      const query = { limit, ...(before !== undefined && { before }) };
      const page = dataOf(await askAny(admins, ({ api }) => api.GET('/audit', { params: { query } })));
      if (values.json) context.out.write(`${JSON.stringify(page)}\n`);
      else writeLines(context.out, renderAudit(page, layoutFor(context)));
      return EXIT.done;
    });
  },
};
