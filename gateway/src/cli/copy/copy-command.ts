import { parseArgs } from 'node:util';
import { type Command, type CommandContext, EXIT, UsageError } from '../command.ts';
import { findDatabases, findPlan } from './find-plan.ts';
import { createProgressScreen } from './progress-screen.ts';

type Target = 'service' | 'monolith';
type Call = { readonly name: string; readonly to: Target; readonly json: boolean };

export const copyCommand: Command = {
  usage: 'copy <carve-out> --to service|monolith [--json]',
  about:
    "Copies a carve-out's data to the side that is to own it, and makes it the owner. Nobody can write the data " +
    'meanwhile. Killed, it goes on when it is called again.',
  async run(args, context) {
    const call = parseCall(args);
    const databases = findDatabases(call.name, context.env);
    const plan = await findPlan(call.name, context.env, context.folder);
    const { copyAggregate, Refusal } = await import('@banyan/mover/copy-aggregate');
    const screen = createProgressScreen(context.err, context.now);
    const isQuiet = call.json && !context.err.isTerminal;
    const startedAt = context.now();
    try {
      const result = await copyAggregate({
        plan,
        to: call.to,
        signal: context.signal,
        ...databases,
        ...(isQuiet ? {} : { onStep: screen.step, onProgress: screen.progress }),
      });
      screen.end();
      report(call, result, (context.now() - startedAt) / 1000, context);
      return EXIT.done;
    } catch (error) {
      screen.end();
      if (!(error instanceof Refusal)) throw error;
      const { code, message } = error;
      context.err.write(`refused: ${message}\n`);
      if (call.json)
        context.out.write(`${JSON.stringify({ carveOut: call.name, refused: { code, message } })}\n`);
      return EXIT.refused;
    }
  },
};

function parseCall(args: readonly string[]): Call {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { positionals, values } = parsed;
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UsageError('one carve-out must be named');
  if (values.to !== 'service' && values.to !== 'monolith') {
    throw new UsageError('--to must be service or monolith');
  }
  return { name, to: values.to, json: values.json };
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { to: { type: 'string' }, json: { type: 'boolean', default: false } },
  });

type Result = Awaited<ReturnType<typeof import('@banyan/mover/copy-aggregate').copyAggregate>>;

function report({ name, json }: Call, result: Result, seconds: number, { out }: CommandContext): void {
  const { aggregate, owner, epoch, moved, resumed, rows, batches, cleared, leftSevered } = result;
  if (json) {
    const facts = {
      carveOut: name,
      aggregate,
      owner,
      epoch: Number(epoch),
      moved,
      resumed,
      rows,
      batches,
      cleared,
    };
    out.write(`${JSON.stringify({ ...facts, leftSevered, seconds: Number(seconds.toFixed(3)) })}\n`);
    return;
  }
  const rate = seconds > 0 ? `, ${Math.round(rows / seconds).toLocaleString('en-US')} rows/s` : '';
  out.write(
    moved
      ? `${name} is the ${owner}'s now, in term ${epoch}: ${rows.toLocaleString('en-US')} rows copied and compared in ${seconds.toFixed(1)} s${rate}\n`
      : `${name} is the ${owner}'s, in term ${epoch}: nothing to copy\n`,
  );
  for (const { foreignKey, why } of leftSevered)
    out.write(`not put back: the foreign key ${foreignKey} (${why})\n`);
}
