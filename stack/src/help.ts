import type { StackCarveOut } from './carve-outs/carve-out.ts';
import { portTable } from './ports/ports.ts';

export function helpText(carveOuts: readonly StackCarveOut[]): string {
  const ports = [...portTable(carveOuts).values()]
    .map(({ variable, port, what }) => `  ${variable.padEnd(24)}${what} (${port})`)
    .join('\n');
  const databases = carveOuts
    .map(({ prefix, name }) => `\n  ${`${prefix}_DATABASE_URL`.padEnd(24)}the same, of ${name}`)
    .join('');
  const names = carveOuts.map(({ name }) => name).join(', ') || 'nothing is carved out';
  return `Usage: npm start -- [options]

Sets up what is missing and runs the whole system until Ctrl-C.

Options:
  --service <name>        let this service own its data, and run it; can be given more than once
                          (${names}, or none: the monolith owns everything, as without the option)
  --with-services         run all services; those that do not own read the monolith's data
  --fresh                 drop the data and start from seed data again
  -h, --help              show this

Ports (0 finds a free one):
${ports}
  STACK_PORT_OFFSET       added to every port that is not set by its own variable

Data:
  STACK_DATA_DIR          data and logs (.data)
  SEED_DATE               the day that seed data is made around, as 2026-11-22 (today)

Instead of what the stack runs by itself:
  MONOLITH_DATABASE_URL   a Postgres database${databases}
  REDIS_URL               a Redis
  QUEUE_REDIS_URL         another for the queues
  ACQUIRER_URL            a card acquirer
  SMTP_URL                a mail server

Exit status: 0 stopped by a signal, 1 could not start or has no part left, 2 wrong usage.`;
}
