import { createMailCatcher } from './mail-catcher.ts';

const log = (entry: Record<string, unknown> & { msg: string }) =>
  console.log(JSON.stringify({ name: 'mail', ...entry }));

const smtpPort = portOf('MAIL_SMTP_PORT', 1025);
const port = portOf('MAIL_PORT', 8025);

try {
  const catcher = await createMailCatcher({
    smtpPort,
    port,
    host: process.env.MAIL_HOST || '127.0.0.1',
    log,
  });
  log({ msg: 'listening', port: catcher.port, smtpPort: catcher.smtpPort });
  const stop = () => void catcher.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  const { code, port: taken } = error as NodeJS.ErrnoException & { port?: number };
  const variable = taken === smtpPort ? 'MAIL_SMTP_PORT' : 'MAIL_PORT';
  log({
    msg: code === 'EADDRINUSE' ? `port ${taken} is taken: set ${variable}` : `cannot start: ${String(error)}`,
  });
  process.exit(1);
}

function portOf(name: string, fallback: number): number {
  const value = Number(process.env[name] || fallback);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  log({ msg: `${name} must be a port number` });
  process.exit(1);
}
