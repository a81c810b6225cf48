import { createAcquirer } from './acquirer.ts';
import type { LogEntry } from './log-entry.ts';

const log = (entry: LogEntry) => console.log(JSON.stringify({ name: 'acquirer', ...entry }));

const port = Number(process.env.ACQUIRER_PORT || 4010);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  log({ msg: 'ACQUIRER_PORT must be a port number' });
  process.exit(1);
}

try {
  const acquirer = await createAcquirer({
    port,
    host: process.env.ACQUIRER_HOST || '127.0.0.1',
    dataDir: process.env.ACQUIRER_DATA_DIR || null,
    log,
  });
  log({ msg: 'listening', port: acquirer.port });
  const stop = () => void acquirer.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code;
  log({
    msg:
      code === 'EADDRINUSE' ? `port ${port} is taken: set ACQUIRER_PORT` : `cannot start: ${String(error)}`,
  });
  process.exit(1);
}
