import { PORT_NAMES, PORTS } from './ports/ports.ts';

const ports = PORT_NAMES.map((name) => {
  const { variable, port, what } = PORTS[name];
  return `  ${variable.padEnd(24)}${what} (${port})`;
}).join('\n');

export const HELP = `Usage: npm start -- [options]

Sets up what is missing and runs the whole system until Ctrl-C.

Options:
  --fresh                 drop the data and start from seed data again
  -h, --help              show this

Ports (0 finds a free one):
${ports}
  STACK_PORT_OFFSET       added to every port that is not set by its own variable

Data:
  STACK_DATA_DIR          data and logs (.data)
  SEED_DATE               the day that seed data is made around, as 2026-11-22 (today)

Instead of what the stack runs by itself:
  MONOLITH_DATABASE_URL   a Postgres database
  REDIS_URL               a Redis
  ACQUIRER_URL            a card acquirer
  SMTP_URL                a mail server

Exit status: 0 stopped by a signal, 1 could not start or has no part left, 2 wrong usage.`;
