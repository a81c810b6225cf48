import { type LoadCase, measure, type Sample } from '../load.ts';
import { type CaseResult, type Summary, summarize, type Target } from '../report.ts';
import type { Front, World } from './world.ts';

export type Tools = { readonly wrk: string; readonly core: number; readonly folder: string };
export type Rounds = { readonly rounds: number; readonly seconds: number };

const WARM_UP_SECONDS = 2;
const CONNECTIONS = 64;
/** Of the bare server's requests per second, before the same service. */
const BARE_RATIO_MIN = 0.75;

const CPU_RATIO_MAX = 1.33;

const READY_MADE = 'carved-out GET, service ready made';
const REAL = 'carved-out GET, billing and its database';

/** One invoice by its id: what a translation costs, before a service that costs little, and as a whole. */
export async function measureSmallGet(
  world: World,
  { rounds, seconds }: Rounds,
  tools: Tools,
): Promise<CaseResult[]> {
  await refuseOtherBytes(world);
  const fronts: readonly (readonly [string, readonly Front[]])[] = [
    [READY_MADE, [world.bareReadyMade, world.translatedReadyMade]],
    [REAL, [world.bare, world.translated, world.passedOn, world.monolith]],
  ];
  const results: CaseResult[] = [];
  for (const [name, runners] of fronts) {
    const loadCase: LoadCase = {
      name,
      connections: CONNECTIONS,
      path: world.invoicePath,
      script: `wrk.headers["Cookie"] = ${JSON.stringify(world.cookie)}\n`,
    };
    const samples = new Map<string, Sample[]>(runners.map((front) => [front.name, []]));
    for (let round = 0; round < rounds; round++) {
      const at = round % runners.length;
      for (const { name: runner, port, pid } of [...runners.slice(at), ...runners.slice(0, at)]) {
        if (round === 0) await measure(loadCase, port, pid, WARM_UP_SECONDS, tools);
        samples.get(runner)?.push(await measure(loadCase, port, pid, seconds, tools));
      }
    }
    results.push({ loadCase, samples });
  }
  return results;
}

/** A comparison of servers that answer differently would say nothing. */
async function refuseOtherBytes(world: World): Promise<void> {
  const { monolith, passedOn, translated, translatedReadyMade, bare, bareReadyMade } = world;
  const read = async ({ port }: Front): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}${world.invoicePath}`, {
      headers: { Cookie: world.cookie },
    });
    return `${answer.status} ${await answer.text()}`;
  };
  const wanted = await read(monolith);
  for (const front of [passedOn, translated, translatedReadyMade, bare, bareReadyMade]) {
    const got = await read(front);
    if (got !== wanted) throw new Error(`${front.name} answers ${got} where the monolith answers ${wanted}`);
  }
}

export function smallGetTargets(results: readonly CaseResult[], world: World): Target[] {
  const rowsOf = (name: string): ReadonlyMap<string, Summary> => {
    const result = results.find(({ loadCase }) => loadCase.name === name);
    return new Map(result ? summarize(result).map((row) => [row.name, row]) : []);
  };
  const ratio = (
    rows: ReadonlyMap<string, Summary>,
    one: Front,
    other: Front,
    of: 'requestsPerSecond' | 'cpuUsPerRequest' = 'requestsPerSecond',
  ): number => (rows.get(one.name)?.[of] ?? Number.NaN) / (rows.get(other.name)?.[of] ?? Number.NaN);
  const [readyMade, real] = [rowsOf(READY_MADE), rowsOf(REAL)];
  const { translated, bare } = world;
  const atLeast = (what: string, value: number, limit: number): Target => ({
    what,
    value,
    limit,
    atMost: false,
  });
  return [
    atLeast(
      'carved-out GET, requests/s, × the bare server',
      ratio(readyMade, translated, bare),
      BARE_RATIO_MIN,
    ),
    atLeast('the same before billing and its database', ratio(real, translated, bare), BARE_RATIO_MIN),
    {
      what: 'carved-out GET, CPU per request, × the bare server',
      value: ratio(readyMade, translated, bare, 'cpuUsPerRequest'),
      limit: CPU_RATIO_MAX,
      atMost: true,
    },
  ];
}
