import { ADMIN_OPTIONS, type Admin, askAny, createAdmins, dataOf } from '../admin/client.ts';
import { withRefusals } from '../admin/with-refusals.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { readLine } from '../command-line.ts';
import { layoutFor, writeLines } from '../terminal/layout.ts';
import { joinReplicas, type ReplicasAnswer, renderEach, renderReplicas } from './replicas-text.ts';

export const replicasCommand: Command = {
  usage: 'replicas [--json] [--url URL]…',
  about: 'Shows which version of the flags each replica serves, and how the store of flags is.',
  details: `  --url     may be repeated: while the store is away each replica knows of itself alone, and each is asked
  --json    what the admin API answers; of several, the first's with the replicas of all`,
  run(args, context) {
    const { values, positionals } = readLine(args, ADMIN_OPTIONS);
    if (positionals.length > 0) throw new UsageError('it takes options alone');
    return withRefusals(values.json, context, async () => {
      const admins = await createAdmins(values.url, context);
      const first = await askAny(admins, askReplicas);
      const { asked } = first.answer;
      const isAlone = admins.length === 1 || asked === null || asked.state === 'reachable';
      if (isAlone) {
        if (values.json) context.out.write(`${JSON.stringify(first.answer)}\n`);
        else writeLines(context.out, renderReplicas(first.answer, layoutFor(context)));
        return EXIT.done;
      }
      const { answers, failures } = await askEach(admins);
      if (values.json) {
        context.out.write(`${JSON.stringify({ asked, replicas: joinReplicas(answers) })}\n`);
      } else writeLines(context.out, renderEach(answers, layoutFor(context)));
      writeLines(context.err, failures);
      return failures.length === 0 ? EXIT.done : EXIT.refused;
    });
  },
};

async function askReplicas({ url, api }: Admin): Promise<ReplicasAnswer> {
  return { url, answer: dataOf(await api.GET('/replicas')) };
}

/** At once: one that is away keeps no other waiting. */
async function askEach(admins: readonly Admin[]) {
  const answers: ReplicasAnswer[] = [];
  const failures: string[] = [];
  for (const asked of await Promise.allSettled(admins.map(askReplicas))) {
    if (asked.status === 'fulfilled') answers.push(asked.value);
    else failures.push((asked.reason as Error).message);
  }
  return { answers, failures };
}
