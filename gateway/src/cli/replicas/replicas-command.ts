import { ADMIN_OPTIONS, askAny, createAdmins, dataOf } from '../admin/client.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { readLine } from '../command-line.ts';
import { layoutFor, writeLines } from '../terminal/layout.ts';
import { renderReplicas } from './replicas-text.ts';

export const replicasCommand: Command = {
  usage: 'replicas [--json] [--url URL]',
  about: 'Shows which version of the flags each replica serves, and how the store of flags is.',
  run(args, context) {
    const { values, positionals } = readLine(args, ADMIN_OPTIONS);
    if (positionals.length > 0) throw new UsageError('it takes options alone');
    return withRefusals(values.json, context, async () => {
      const admins = await createAdmins(values.url, context);
      const answer = dataOf(await askAny(admins, ({ api }) => api.GET('/replicas')));
      if (values.json) context.out.write(`${JSON.stringify(answer)}\n`);
      else writeLines(context.out, renderReplicas(answer, layoutFor(context)));
      return EXIT.done;
    });
  },
};
