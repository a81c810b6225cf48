import { conformanceCases } from './cases/all.ts';
import { type Case, runCase } from './kit/case.ts';
import { brokenProxies, type StartProxy } from './kit/proxies.ts';

/*
 * Runs the conformance table against paths that are broken on purpose and prints which case fails on which.
 * A case that fails on none of them proves nothing: it is named, and the exit status is 1.
 *
 *   node gateway/test/datapath/against-broken.ts
 */
const AT_ONCE = 12;
const CASE_MS = 8_000;

// A broken path may throw wherever it likes; the cases judge what clients see of it.
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

const failed = new Map<Case, string[]>(conformanceCases.map((testCase) => [testCase, []]));
for (const [name, startProxy] of Object.entries(brokenProxies)) {
  const queue = [...conformanceCases];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        if (!(await passes(next, startProxy))) failed.get(next)?.push(name);
      }
    }),
  );
}

let unproven = 0;
for (const [{ clause, name }, on] of failed) {
  if (on.length === 0) unproven++;
  console.log(`${on.length === 0 ? 'UNPROVEN' : on.join(', ')}\t${clause} — ${name}`);
}
console.log(`${failed.size} cases, ${unproven} seen to fail nowhere`);
process.exit(unproven === 0 ? 0 : 1);

async function passes(testCase: Case, startProxy: StartProxy): Promise<boolean> {
  const run = runCase(testCase, startProxy).then(
    () => true,
    () => false,
  );
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), CASE_MS).unref());
  return Promise.race([run, late]);
}
