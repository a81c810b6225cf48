/**
 * Prepares the data of what is carved out, as `npm start` does, for a system that others start: makes the services'
 * databases, brings every carve-out's data to the side that is to own it, and lets the services read the monolith's.
 * Ends when that is done; a second run changes nothing.
 */
import { createScreen } from '../../bootstrap/screen.mjs';
import { parseStackConfig } from '../config.ts';
import { ROOT } from '../program.ts';
import { ensureDatabaseOf } from '../setup/database-server.ts';
import { onStopSignals } from '../stop-signals.ts';
import { readerOf } from './carve-out.ts';
import { findCarveOuts } from './find-carve-outs.ts';
import { prepareCarveOuts } from './prepare-carve-outs.ts';

const EXIT_FAULT = 1;

const { env } = process;
const screen = createScreen();
const { stopped } = onStopSignals();
const stop = new AbortController();
void stopped.then(() => stop.abort());
process.exit(await prepare());

async function prepare(): Promise<number> {
  const carveOuts = await findCarveOuts(ROOT, env);
  // Names of the services that are to own their data, as `--service` of npm start takes them.
  const owners = (env.SERVICES_OWNING ?? '').split(',').filter((name) => name.trim() !== '');
  const argv = ['--with-services', ...owners.flatMap((name) => ['--service', name.trim()])];
  const asked = parseStackConfig(argv, env, { root: ROOT, nowMs: performance.timeOrigin, carveOuts });
  if (asked.kind === 'help') throw new Error('nobody asked for help');
  if (asked.kind === 'usage') return complain([asked.message]);
  if (asked.kind === 'faults') return complain(asked.faults);
  const url = asked.config.replaced.monolithDatabaseUrl;
  if (url === null) return complain(['MONOLITH_DATABASE_URL must be set']);
  const passwords = new Map(
    carveOuts.map((carveOut) => [carveOut, env[`${carveOut.prefix}_READER_PASSWORD`] ?? '']),
  );
  const missing = carveOuts.filter((carveOut) => passwords.get(carveOut) === '');
  if (missing.length > 0) {
    return complain(
      missing.map(
        (carveOut) => `${carveOut.prefix}_READER_PASSWORD must be set, for the role ${readerOf(carveOut)}`,
      ),
    );
  }
  try {
    await prepareCarveOuts({
      wishes: asked.config.services,
      monolith: { url, adminUrl: url, serverUrl: null },
      ensureGiven: (databaseUrl) => ensureDatabaseOf(databaseUrl, url),
      readerPassword: (carveOut) => passwords.get(carveOut) ?? '',
      screen,
      nowMs: Date.now,
      signal: stop.signal,
    });
    screen.line('ready');
    return 0;
  } catch (error) {
    screen.fail(error);
    return EXIT_FAULT;
  }
}

function complain(faults: readonly string[]): number {
  const list = faults.map((fault) => `  - ${fault}\n`).join('');
  process.stderr.write(`The data cannot be prepared as it is configured:\n${list}`);
  return EXIT_FAULT;
}
