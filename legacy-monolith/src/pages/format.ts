/** How pages show dates, money and durations. Text in, text out; times are UTC, and say so where it matters. */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const SYMBOLS: Readonly<Record<string, string>> = { EUR: '€', GBP: '£', USD: '$' };

/** `Sun 22 Nov 2026`, of a wall clock, an ISO instant or a Date. */
export function displayDate(at: string | Date): string {
  const date = toDate(at);
  return `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** `19:30`. */
export function displayTime(at: string | Date): string {
  return toDate(at).toISOString().slice(11, 16);
}

/** `Sun 22 Nov 2026, 19:30`. */
export function displayDateTime(at: string | Date): string {
  return `${displayDate(at)}, ${displayTime(at)}`;
}

/** `2 h 35 min`. */
export function displayDuration(from: string, to: string): string {
  const minutes = Math.round((toDate(to).getTime() - toDate(from).getTime()) / 60_000);
  const hours = Math.floor(minutes / 60);
  return [...(hours > 0 ? [`${hours} h`] : []), ...(minutes % 60 > 0 ? [`${minutes % 60} min`] : [])].join(
    ' ',
  );
}

/** Calendar days from the day of one wall clock to that of another: 1 where a flight arrives on the next day. */
export function daysBetween(from: string, to: string): number {
  const day = (at: string): number => Date.parse(`${at.slice(0, 10)}T00:00:00Z`);
  return Math.round((day(to) - day(from)) / 86_400_000);
}

/** `50,006 bookings`, `1 booking`. */
export function displayCount(count: number, one: string, many = `${one}s`): string {
  return `${groupThousands(String(count))} ${count === 1 ? one : many}`;
}

/** `1,234` of `"1234"`. */
export function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `€1,412.50` of `"1412.50"`. */
export function displayMoney(amount: string, currency: string): string {
  const [, sign = '', whole = '0', cents = '.00'] = /^(-?)(\d+)(\.\d\d)?$/.exec(amount) ?? [];
  const symbol = SYMBOLS[currency.trim()] ?? `${currency.trim()} `;
  return `${sign}${symbol}${groupThousands(whole)}${cents}`;
}

/** `Partially refunded` of `PARTIALLY_REFUNDED`. */
export function displayCode(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The day so many days away from a day, both `YYYY-MM-DD`. */
export function shiftDay(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** Up to two capitals for who has no photo. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const [first = '', ...rest] = words.map((word) => [...word][0] ?? '');
  return (first + (rest.at(-1) ?? '')).toUpperCase();
}

function toDate(at: string | Date): Date {
  if (at instanceof Date) return at;
  if (at.includes('T')) return new Date(at);
  return new Date(at.length === 10 ? `${at}T00:00:00Z` : `${at.replace(' ', 'T')}Z`);
}
