import type { Screen } from '../bootstrap/screen.mjs';
import { type LogLine, parseLogLine } from './services.ts';

/** Services log the level as pino's number or by its name. */
const WARN = 40;
const ERROR = 50;
const NOTABLE_LEVELS: Record<string, number> = { warn: WARN, error: ERROR, fatal: 60 };
const COLOURS = [36, 35, 33, 34, 32];
/** The engines log in forms of their own, and most of it is of no use to who tries out a stack. */
const ENGINE_TROUBLE: Record<string, RegExp> = {
  postgres: /\bPANIC:/,
  redis: /\b(Fatal|MISCONF|Can't|Short read)\b/,
};

/** The one that starts last: what it warns of is not that another is still starting. */
const LAST = 'gateway';

/**
 * Puts the notable lines of the children on the screen, with their name; everything is in the log files. While the
 * stack starts, those who are to talk to each other miss each other for a moment, and warn of it: nobody needs that.
 */
export function createLogScreen(
  { line, paint }: Screen,
  isStarting: () => boolean = () => false,
): (name: string, text: string) => void {
  const colours = new Map<string, number>();
  return (name, text) => {
    const shown = notable(name, text, isStarting() && name !== LAST ? ERROR : WARN);
    if (shown === null) return;
    const colour = colours.get(name) ?? COLOURS[colours.size % COLOURS.length] ?? 36;
    colours.set(name, colour);
    line(`${paint(colour, name.padEnd(9))} ${shown}`);
  };
}

function notable(name: string, text: string, from: number): string | null {
  const trouble = ENGINE_TROUBLE[name];
  if (trouble) return trouble.test(text) ? text : null;
  const parsed = parseLogLine(text);
  // What is no log line is a stack trace, or a complaint about the configuration.
  if (parsed === null) return text;
  const { level } = parsed;
  const rank = typeof level === 'number' ? level : (NOTABLE_LEVELS[level ?? ''] ?? 0);
  // Who writes its own name says nothing new with it; the gateway writes that of another.
  const { service, ...others } = parsed;
  const isItsOwn = service !== undefined && name.startsWith(service);
  return rank >= from ? (describe(isItsOwn ? others : parsed) ?? text) : null;
}

/** One line says what happened and why: `request GET listBookings 502: connect ECONNREFUSED 127.0.0.1:3000`. */
function describe({
  msg,
  method,
  operation,
  path,
  status,
  service,
  breaker,
  state,
  cause,
  reason,
  err,
}: LogLine): string | null {
  if (msg === undefined) return null;
  const what = [msg, method, operation ?? path, status, service, breaker, state]
    .filter((part) => part !== undefined)
    .join(' ');
  const why = cause ?? reason ?? err?.message;
  return why === undefined || why === msg ? what : `${what}: ${why}`;
}
