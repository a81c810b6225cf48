import { type DestinationStream, type Logger, pino } from 'pino';
import { safeError } from './safe-error.ts';

/**
 * JSON lines on stdout. Nothing a client sent is logged but numbers and the route's pattern: bodies, query
 * strings, headers and cookies never reach a line, and errors pass `safeError`. The redaction below is the
 * second net, for a field that somebody logs by mistake.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'monolith' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: safeError, error: safeError },
    redact: { paths: redactedPaths(), censor: '[redacted]' },
  };
  return destination ? pino(options, destination) : pino(options);
}

const SECRETS = ['card_number', 'cvc', 'expiry', 'password', 'cookie', 'authorization', 'body'];

function redactedPaths(): string[] {
  const quoted = ['["x-api-key"]', '["set-cookie"]'];
  const plain = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return [...plain, ...quoted, ...quoted.flatMap((name) => [`*${name}`, `*.*${name}`])];
}
