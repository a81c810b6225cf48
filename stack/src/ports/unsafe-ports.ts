/**
 * The ports that browsers, and fetch with them, refuse to open, of those above 1023
 * (https://fetch.spec.whatwg.org/#bad-port).
 */
const UNSAFE_PORTS: ReadonlySet<number> = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669],
  ...[6679, 6697, 10_080],
]);

export function isUnsafePort(port: number): boolean {
  return UNSAFE_PORTS.has(port);
}
