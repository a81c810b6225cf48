import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type CarveOutFigures, measureCarveOuts } from './carve-outs/measure-carve-outs.ts';
import { type ColdStart, measureColdStart } from './cold-start.ts';
import { type Contender, contenders, expressHpm, ours, probe, upstream } from './contenders.ts';
import { describeDecisionCost } from './decision.ts';
import { describeEvents, measureEvents } from './events/measure-events.ts';
import { loadCases, measure, type Sample } from './load.ts';
import { type MemoryFigures, measureMemory } from './memory.ts';
import { type CaseResult, caseTable, chart, summarize, targets, targetTable } from './report.ts';
import { canPin, findProgram, freePort, type Pinned, untilAnswering } from './system.ts';

const USAGE = `npm run bench -- [options]
  --rounds N      rounds per case, at least 5 for figures to be quoted (5)
  --seconds N     seconds of load per contender and round (3)
  --only TEXT     cases whose name holds TEXT, e.g. "small GET" or "64"
  --connections N cases with N connections alone
  --no-memory     leave out memory, WebSockets and cold start
  --carve-outs    what is carved out, alone; --no-carve-outs leaves it out
  --cold-start    the cold start alone, which needs no wrk
  --decision      the cost of a decision alone, which needs no wrk
  --events        events through outbox, relay, queue and consumer alone, which needs no wrk
  --out FOLDER    where to write results.json, results.md and chart.svg (bench/results)
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    connections: { type: 'string' },
    'no-memory': { type: 'boolean', default: false },
    'carve-outs': { type: 'boolean', default: false },
    'no-carve-outs': { type: 'boolean', default: false },
    'cold-start': { type: 'boolean', default: false },
    decision: { type: 'boolean', default: false },
    events: { type: 'boolean', default: false },
    out: { type: 'string', default: join(import.meta.dirname, '..', 'results') },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const wrk = findProgram('wrk');
if (wrk === undefined && !values['cold-start'] && !values.decision && !values.events) {
  console.error('The load comes from wrk, which is not installed: apt-get install wrk');
  process.exit(1);
}
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const PROXY_CORE = 0;
const LOAD_CORE = 1;
const WARM_UP_SECONDS = 1;

const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
const tools = { wrk: wrk ?? '', core: LOAD_CORE, folder };
const running: Pinned[] = [];
process.once('SIGINT', async () => {
  await stopAll();
  process.exit(130);
});
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

type Runner = { readonly name: string; readonly port: number; readonly pid: number | undefined };

try {
  if (values.decision) console.log(describeDecisionCost());
  else if (values.events) console.log(describeEvents(await measureEvents()));
  else if (values['cold-start']) await runColdStart();
  else if (values['carve-outs']) await runCarveOuts();
  else await run();
} finally {
  await stopAll();
}

async function runCarveOuts(): Promise<void> {
  write([], undefined, undefined, await carveOuts());
}

async function carveOuts(): Promise<CarveOutFigures> {
  const figures = await measureCarveOuts({ rounds, seconds }, tools, { front: PROXY_CORE, back: LOAD_CORE });
  console.log(`\n${figures.tables.join('\n\n')}`);
  return figures;
}

async function run(): Promise<void> {
  const runners = await startAll();
  const results: CaseResult[] = [];
  for (const loadCase of loadCases) {
    if (!loadCase.name.includes(values.only)) continue;
    if (values.connections !== undefined && loadCase.connections !== Number(values.connections)) continue;
    const samples = new Map<string, Sample[]>(runners.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      // Rotated, so that nobody always runs behind the same neighbour.
      for (const runner of [
        ...runners.slice(round % runners.length),
        ...runners.slice(0, round % runners.length),
      ]) {
        if (round === 0) await measure(loadCase, runner.port, runner.pid, WARM_UP_SECONDS, tools);
        samples.get(runner.name)?.push(await measure(loadCase, runner.port, runner.pid, seconds, tools));
      }
    }
    const result = { loadCase, samples };
    results.push(result);
    console.log(`\n${caseTable(result, ours.name)}`);
  }
  await stopAll();
  const carved = values['no-carve-outs'] || values.only !== '' ? undefined : await carveOuts();
  if (values['no-memory']) return write(results, undefined, undefined, carved);
  const coldStart = await measureColdStart(folder);
  write(results, await measureMemory(folder), coldStart, carved);
}

async function runColdStart(): Promise<void> {
  const { wallMs, cpuMs } = await measureColdStart(folder);
  console.log(
    `cold start to first answer: ${wallMs.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of processor time`,
  );
}

async function startAll(): Promise<Runner[]> {
  console.log(
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.version}; ` +
      (canPin
        ? `proxies on core ${PROXY_CORE}, upstream and load on core ${LOAD_CORE}`
        : 'not pinned: no taskset, or one core alone'),
  );
  const start = async (contender: Contender, core: number, upstreamPort: number): Promise<Runner> => {
    const port = await freePort();
    const pinned = contender.start({ port, upstream: upstreamPort }, core, folder);
    running.push(pinned);
    await untilAnswering(port);
    return { name: contender.name, port, pid: pinned.pid };
  };
  const up = await start(upstream, LOAD_CORE, 0);
  const runners: Runner[] = [{ name: 'direct', port: up.port, pid: undefined }];
  for (const contender of contenders) {
    if (contender.missing === undefined) runners.push(await start(contender, PROXY_CORE, up.port));
    else console.log(`${contender.name} is not installed: ${contender.missing}`);
  }
  return runners;
}

function write(
  results: readonly CaseResult[],
  memory: MemoryFigures | undefined,
  coldStart: ColdStart | undefined,
  carved: CarveOutFigures | undefined,
): void {
  const names = { ours: ours.name, probe: probe.name, hpm: expressHpm.name };
  const reached = targetTable([...targets(results, memory, coldStart, names), ...(carved?.targets ?? [])]);
  console.log(`\n${reached}`);
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    node: process.version,
    pinned: canPin,
  };
  const cases = [...results, ...(carved?.cases ?? [])].map((result) => ({
    case: result.loadCase.name,
    connections: result.loadCase.connections,
    contenders: summarize(result),
    rounds: Object.fromEntries(result.samples),
  }));
  writeFileSync(
    join(out, 'results.json'),
    `${JSON.stringify({ machine, rounds, seconds, cases, memory, coldStart, exported: carved?.exported }, null, 2)}\n`,
  );
  writeFileSync(
    join(out, 'results.md'),
    [reached, ...results.map((result) => caseTable(result, ours.name)), ...(carved?.tables ?? [])].join(
      '\n\n',
    ),
  );
  const first = results[0];
  if (first !== undefined) writeFileSync(join(out, 'chart.svg'), chart(first, ours.name));
}

async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((pinned) => pinned.stop()));
}
