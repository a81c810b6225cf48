// How figures are written for people: short, with their unit, in widths that stay the same from draw to draw.

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** `3 s ago`, `12 min ago`, `never`. What lies ahead, by a clock that differs, is `now`. */
export function agoText(at: string | null | undefined, now: Date): string {
  if (at === null || at === undefined) return 'never';
  const seconds = Math.floor((now.getTime() - Date.parse(at)) / 1_000);
  if (Number.isNaN(seconds)) return '?';
  return seconds < 1 ? 'now' : `${spanText(seconds)} ago`;
}

/** `3 s`, `12 min`, `5 h`, `3 d`. */
export function spanText(seconds: number): string {
  if (seconds < MINUTE_SECONDS) return `${Math.floor(seconds)} s`;
  if (seconds < HOUR_SECONDS) return `${Math.floor(seconds / MINUTE_SECONDS)} min`;
  if (seconds < DAY_SECONDS) return `${Math.floor(seconds / HOUR_SECONDS)} h`;
  return `${Math.floor(seconds / DAY_SECONDS)} d`;
}

/** Per second: `0`, `<0.1`, `0.6`, `12.3`, `1,234`. */
export function rateText(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 0.1) return '<0.1';
  return perSecond < 99.95 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en-US');
}

/** Of 0 to 1: `0 %`, `<0.1 %`, `2.5 %`, `100 %`. */
export function shareText(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 0.1) return '<0.1 %';
  return percent > 99.9 ? '>99.9 %' : `${percent.toFixed(1)} %`;
}

/** `0.4 ms`, `8 ms`, `1.2 s`; `–` where there is none. */
export function latencyText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

export const countText = (count: number): string => count.toLocaleString('en-US');

/** `1 replica`, `3 replicas`. */
export function manyText(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The last `columns` values as bars, full at `max`. None is a dot, what was not measured a blank. */
export function sparkline(values: readonly (number | null)[], columns: number, max: number): string {
  const shown = values.slice(-columns).map((value) => {
    if (value === null) return ' ';
    if (value <= 0) return '·';
    return BARS[Math.min(BARS.length - 1, Math.ceil((value / max) * BARS.length) - 1)] ?? ' ';
  });
  return shown.join('');
}
