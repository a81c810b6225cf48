/** Two forms of time leave this system: the wall clock of bookings and flights, and billing's ISO 8601. */

/** `2026-11-22 19:30:00`, UTC, cut to the second. */
export function wallClock(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

/** `2026-11-22T19:30:00.000Z`. */
export function isoInstant(at: Date): string {
  return at.toISOString();
}

/** The instant of a wall clock as the database gives it. */
export function parseWallClock(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}Z`);
}

/** A calendar day `YYYY-MM-DD` that exists, else null. Years before 1000 are refused with the rest. */
export function parseDay(text: string): string | null {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text)) return null;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? text : null;
}

/** The day after: the open end of a range that includes its last day. */
export function dayAfter(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + 1);
  // The year 10000 has a sign and two more digits in ISO 8601; no row of ours is that late.
  return at.getUTCFullYear() > 9999 ? '9999-12-31' : at.toISOString().slice(0, 10);
}

export function plusMs(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

/** Ends early, without a fault, when the signal is given. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
