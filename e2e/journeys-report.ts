import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

// `node e2e/journeys-report.ts test-results/none.json` writes docs/journeys.md from the report that a run leaves in test-results/.

type Result = { status: string; duration: number };
type Spec = { title: string; file: string; tests: { projectName: string; results: Result[] }[] };
type Suite = { title: string; file: string; specs: Spec[]; suites?: Suite[] };
type Report = {
  suites: Suite[];
  stats: { startTime: string; duration: number; expected: number; unexpected: number };
};

type Journey = { file: string; title: string; runs: Map<string, string> };

function journeysOf(suite: Suite, above: readonly string[]): Journey[] {
  const here = suite.specs.map((spec) => ({
    file: spec.file,
    title: [...above, spec.title].join(' '),
    runs: new Map(spec.tests.map(({ projectName, results }) => [projectName, outcomeOf(results.at(-1))])),
  }));
  const below = (suite.suites ?? []).flatMap((each) => journeysOf(each, [...above, each.title]));
  return [...here, ...below];
}

function outcomeOf(result: Result | undefined): string {
  if (!result) return 'not run';
  return `${result.status} ${(result.duration / 1000).toFixed(1)} s`;
}

function pageOf(report: Report): string {
  const journeys = report.suites.flatMap((suite) => journeysOf(suite, []));
  const projects = [...new Set(journeys.flatMap(({ runs }) => [...runs.keys()]))];
  const files = [...new Set(journeys.map(({ file }) => file))].sort();
  const { startTime, duration, expected, unexpected } = report.stats;
  const sections = files.map((file) => {
    const rows = journeys
      .filter((journey) => journey.file === file)
      .map(({ title, runs }) => `| ${title} | ${projects.map((name) => runs.get(name) ?? '').join(' | ')} |`);
    const head = `| journey | ${projects.join(' | ')} |\n|---|${projects.map(() => '---|').join('')}`;
    return `## ${file.replace('.spec.ts', '')}\n\n${head}\n${rows.join('\n')}\n`;
  });
  return `# Journeys

The Playwright journeys of one run of \`npm run test:e2e\`, begun ${startTime.slice(0, 16).replace('T', ' ')} UTC:
**${expected} passed, ${unexpected} failed, in ${Math.round(duration / 1000)} s**. The columns are the system that a journey ran on; it does not know
which. \`npm run test:e2e\` leaves the whole report, with traces of what failed, in \`playwright-report/none/index.html\`:

![The report](screenshots/journeys-report.png)

${sections.join('\n')}`;
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node e2e/journeys-report.ts test-results/none.json');
const report = JSON.parse(await readFile(path, 'utf8')) as Report;
await writeFile(fileURLToPath(new URL('../docs/journeys.md', import.meta.url)), pageOf(report));
