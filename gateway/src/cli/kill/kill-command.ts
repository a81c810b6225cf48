import { ADMIN_OPTIONS, type Admin, createAdmins } from '../admin/client.ts';
import { type Command, type CommandContext, EXIT, UsageError } from '../command.ts';
import { readLine, readReason } from '../command-line.ts';
import { layoutFor, writeLines } from '../terminal/layout.ts';
import { asOutcome, killEach, liftEach, listEach } from './each-replica.ts';
import { renderKills, renderOutcomes } from './kill-text.ts';

type KillLine =
  | { readonly kind: 'list' }
  | { readonly kind: 'kill'; readonly target: string; readonly reason: string }
  | { readonly kind: 'lift'; readonly which: string; readonly reason: string };

export const killCommand: Command = {
  usage:
    'kill <operation|carve-out|all> --reason TEXT [--json] [--url URL]…\n' +
    'kill --lift <id|operation|carve-out|all> --reason TEXT [--json] [--url URL]…\n' +
    'kill --list [--json] [--url URL]…',
  about:
    'Sends reads to the monolith at once and keeps them there until lifted, whatever the flags say. Needs no store.',
  details: `  --lift    ends kills: one by its id, those of a target, or all
  --list    what is killed, and where
  --url     an admin port; to be repeated, for each replica one. BANYAN_ADMIN_URL may be a list, with commas
  --json    what each replica answered

A kill is of the replicas that are named: name them all. Exit status 1 where one of them failed.`,
  async run(args, context) {
    const { values, positionals } = readLine(args, {
      ...ADMIN_OPTIONS,
      reason: { type: 'string' },
      list: { type: 'boolean', default: false },
      lift: { type: 'string' },
    });
    const line = readKill(values, positionals);
    const outcomes = await runAt(await createAdmins(values.url, context), line);
    if (values.json) context.out.write(`${JSON.stringify(outcomes.map(asOutcome))}\n`);
    else show(line, outcomes, context);
    return outcomes.every(({ kind }) => kind === 'done') ? EXIT.done : EXIT.refused;
  },
};

function readKill(
  { list, lift, reason }: { list: boolean; lift?: string | undefined; reason?: string | undefined },
  [target, ...more]: readonly string[],
): KillLine {
  const modes = [list, lift !== undefined, target !== undefined].filter(Boolean).length;
  if (modes !== 1 || more.length > 0) {
    throw new UsageError('name one operation or carve-out, or all; or --lift one; or --list');
  }
  if (list) {
    if (reason !== undefined) throw new UsageError('--reason is for what changes something');
    return { kind: 'list' };
  }
  if (lift !== undefined) return { kind: 'lift', which: lift, reason: readReason(reason) };
  return { kind: 'kill', target: target === 'all' ? '*' : (target ?? ''), reason: readReason(reason) };
}

type Outcomes = Awaited<ReturnType<typeof runAt>>;

function runAt(admins: readonly Admin[], line: KillLine) {
  switch (line.kind) {
    case 'list':
      return listEach(admins);
    case 'lift':
      return liftEach(admins, line.which, line.reason);
    case 'kill':
      return killEach(admins, line.target, line.reason);
  }
}

function show(line: KillLine, outcomes: Outcomes, context: CommandContext): void {
  const layout = layoutFor(context);
  if (line.kind === 'list') writeLines(context.out, renderKills(outcomes, layout));
  writeLines(line.kind === 'list' ? context.err : context.out, renderOutcomes(outcomes, layout));
}
