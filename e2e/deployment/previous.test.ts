import { after, test } from 'node:test';
import { describeParity } from '../parity/suite.ts';
import { thin } from '../parity/thin.ts';
import type { Builds } from '../parity/worlds.ts';
import { checkOut, parityStepsOf, previousCommit } from './worktree.ts';

/**
 * The parity suite across builds: what ran before beside what runs now. What is asked are the older build's own steps,
 * since those are what both promise; what was mended since has its step in the newer alone.
 */

/** What the services' build is made of, and the gateway's. */
const SERVICES = ['billing', 'booking', 'service-kit']
  .flatMap((name) => [`extracted/${name}/src`, `extracted/${name}/migrations`])
  .concat('extracted/contracts/generated');
const GATEWAY = [
  'gateway/src',
  'extracted/identity',
  'extracted/contracts/generated',
  ...['billing', 'booking'].flatMap((name) => [`extracted/${name}/carve-out.ts`, `extracted/${name}/rest`]),
];

const OWNED = { booking: 'service', billing: 'service' } as const;
/** With a mixture of the two services as well. */
const isWhole = Number(process.env.BANYAN_TEST_FUZZ_FACTOR ?? 1) > 1;

async function describeBuild(
  title: string,
  paths: readonly string[],
  mixtures: (folder: string) => Readonly<Record<string, Builds>>,
): Promise<void> {
  const commit = await previousCommit(...paths);
  if (commit === null) {
    test(title, { skip: 'there is no history to take it from' }, () => {});
    return;
  }
  const { folder, remove } = await checkOut(commit);
  after(remove);
  const steps = await parityStepsOf(folder);
  for (const [which, builds] of Object.entries(mixtures(folder)))
    describeParity(`${which}, of ${commit.slice(0, 9)}`, OWNED, {
      builds,
      steps: isWhole ? steps : thin(steps),
    });
}

await describeBuild('the previous services behind this gateway', SERVICES, (folder) => ({
  'the previous services behind this gateway': { billing: folder, booking: folder },
  ...(isWhole
    ? {
        'the previous billing beside this booking': { billing: folder },
        'the previous booking beside this billing': { booking: folder },
      }
    : {}),
}));
await describeBuild('these services behind the previous gateway', GATEWAY, (folder) => ({
  'these services behind the previous gateway': { gateway: folder },
}));
