import { PORT_NAMES, PORTS, type PortName, type Ports } from './ports.ts';
import { isUnsafePort } from './unsafe-ports.ts';

export const PORT_MAX = 65_535;
/** Offsets are offered in round steps. */
const OFFSET_STEP = 100;

/** What the environment says of each port; null where its own variable is not set. */
export type GivenPorts = Readonly<Record<PortName, number | null>>;

/** The ports that these settings give, and what is wrong with them. `used` are those that will be listened on. */
export function placePorts(
  given: GivenPorts,
  offset: number,
  used: readonly PortName[],
): { ports: Ports; faults: string[] } {
  const entries = PORT_NAMES.map((name) => [name, given[name] ?? PORTS[name].port + offset] as const);
  const ports = Object.fromEntries(entries) as Ports;
  const faults = used.flatMap((name) => {
    const wrong = whatIsWrong(name, ports[name]);
    if (wrong === null) return [];
    const { variable } = PORTS[name];
    if (given[name] !== null) return [`${variable} is ${ports[name]}, ${wrong}: take another`];
    const better = findOffset(given, used, offset);
    const advice = better === null ? `set ${variable} by itself` : `take another, such as ${better}`;
    return [`STACK_PORT_OFFSET=${offset} moves ${variable} to ${ports[name]}, ${wrong}: ${advice}`];
  });
  return { ports, faults: [...faults, ...samePortFaults(ports, used)] };
}

/** An offset near this one, and other than it, that moves every port to where it can be opened. */
export function findOffset(given: GivenPorts, used: readonly PortName[], near: number): number | null {
  const moved = used.filter((name) => given[name] === null);
  const isGood = (offset: number) =>
    moved.every((name) => whatIsWrong(name, PORTS[name].port + offset) === null);
  const base = near - (near % OFFSET_STEP);
  for (let distance = OFFSET_STEP; distance <= PORT_MAX; distance += OFFSET_STEP) {
    for (const offset of [base + distance, base - distance]) {
      if (offset > 0 && offset !== near && isGood(offset)) return offset;
    }
  }
  return null;
}

function whatIsWrong(name: PortName, port: number): string | null {
  if (port > PORT_MAX) return 'which is no port';
  return PORTS[name].http && isUnsafePort(port) ? 'which browsers refuse to open' : null;
}

function samePortFaults(ports: Ports, used: readonly PortName[]): string[] {
  const fixed = used.filter((name) => ports[name] !== 0);
  return fixed.flatMap((name, index) =>
    fixed
      .slice(0, index)
      .filter((earlier) => ports[earlier] === ports[name])
      .map((earlier) => `${PORTS[earlier].variable} and ${PORTS[name].variable} are both ${ports[name]}`),
  );
}
