import { ConfigError } from '../config.ts';
import { createLogger } from '../log/logger.ts';
import { type PrepareConfig, parsePrepareConfig } from './config.ts';
import { prepareDatabase } from './prepare-database.ts';

/** Makes a database ready for the monolith, and ends: what a deployment runs once before the monolith starts. */
const { databaseUrl, seedDate, seedScale } = readConfig();
const logger = createLogger('info');

try {
  const seed =
    seedScale === 'none'
      ? null
      : {
          seedDate,
          scale: seedScale,
          onProgress: (table: string, done: number, total: number) => {
            if (done === total) logger.info({ table, rows: total }, 'written');
          },
        };
  const { seeded } = await prepareDatabase(databaseUrl, seed);
  logger.info(seeded ? { seeded, seedDate, seedScale } : { seeded }, 'ready');
} catch (error) {
  logger.fatal({ err: error }, 'could not prepare the database');
  process.exitCode = 1;
}

function readConfig(): PrepareConfig {
  try {
    return parsePrepareConfig(process.env, new Date());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
