import { stripVTControlCharacters } from 'node:util';
import { briefly, type Totals } from './totals.ts';

type Result = { error?: { message?: string } };
type Spec = {
  title: string;
  file: string;
  line: number;
  tests: { status: string; projectName: string; results: Result[] }[];
};
type Suite = { specs?: Spec[]; suites?: Suite[] };
type Report = {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  suites?: Suite[];
};

/** From the report of Playwright's json reporter. A test that passed only when tried again counts as failed. */
export function readPlaywrightTotals(json: string): Totals {
  const report = JSON.parse(json) as Report;
  const { expected, unexpected, flaky, skipped } = report.stats;
  return {
    passed: expected,
    failed: unexpected + flaky,
    skipped,
    failures: (report.suites ?? []).flatMap(failuresOf),
  };
}

function failuresOf({ specs = [], suites = [] }: Suite): string[] {
  const own = specs.flatMap(({ file, line, title, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ projectName, results }) => {
        const messages = results.flatMap(({ error }) => error?.message ?? []);
        const error = stripVTControlCharacters(messages[0] ?? 'says nothing');
        return briefly(`[${projectName}] ${file}:${line}`, title, error);
      }),
  );
  return [...own, ...suites.flatMap(failuresOf)];
}
