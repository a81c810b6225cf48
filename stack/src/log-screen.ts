import type { Screen } from '../bootstrap/screen.mjs';
import { type LogLine, parseLogLine } from './services.ts';

/** Services log the level as pino's number or by its name. */
const WARN = 40;
const NOTABLE_LEVELS = ['warn', 'error', 'fatal'];
const COLOURS = [36, 35, 33, 34, 32];
/** The engines log in forms of their own, and most of it is of no use to who tries out a stack. */
const ENGINE_TROUBLE: Record<string, RegExp> = {
  postgres: /\bPANIC:/,
  redis: /\b(Fatal|MISCONF|Can't|Short read)\b/,
};

/** Puts the notable lines of the children on the screen, with their name; everything is in the log files. */
export function createLogScreen({ line, paint }: Screen): (name: string, text: string) => void {
  const colours = new Map<string, number>();
  return (name, text) => {
    const shown = notable(name, text);
    if (shown === null) return;
    const colour = colours.get(name) ?? COLOURS[colours.size % COLOURS.length] ?? 36;
    colours.set(name, colour);
    line(`${paint(colour, name.padEnd(9))} ${shown}`);
  };
}

function notable(name: string, text: string): string | null {
  const trouble = ENGINE_TROUBLE[name];
  if (trouble) return trouble.test(text) ? text : null;
  const parsed = parseLogLine(text);
  // What is no log line is a stack trace, or a complaint about the configuration.
  if (parsed === null) return text;
  const { level } = parsed;
  const isNotable = typeof level === 'number' ? level >= WARN : NOTABLE_LEVELS.includes(level ?? '');
  return isNotable ? (describe(parsed) ?? text) : null;
}

/** One line says what happened and why: `request GET listBookings 502: connect ECONNREFUSED 127.0.0.1:3000`. */
function describe({ msg, method, operation, path, status, cause, err }: LogLine): string | null {
  if (msg === undefined) return null;
  const what = [msg, method, operation ?? path, status].filter((part) => part !== undefined).join(' ');
  const why = cause ?? err?.message;
  return why === undefined || why === msg ? what : `${what}: ${why}`;
}
