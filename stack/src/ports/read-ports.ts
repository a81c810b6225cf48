import { factsOf, type PortName, type Ports, type PortTable, portOf } from './ports.ts';
import { isUnsafePort } from './unsafe-ports.ts';

export const PORT_MAX = 65_535;
/** Offsets are offered in round steps. */
const OFFSET_STEP = 100;

/** What the environment says of each port; null where its own variable is not set. */
export type GivenPorts = ReadonlyMap<PortName, number | null>;

export type PortSettings = {
  readonly table: PortTable;
  readonly given: GivenPorts;
  readonly offset: number;
};

/** The ports that these settings give, and what is wrong with them. `used` are those that will be listened on. */
export function placePorts(
  settings: PortSettings,
  used: readonly PortName[],
): { ports: Ports; faults: string[] } {
  const { table, given, offset } = settings;
  const entries = [...table].map(([name, { port }]) => [name, given.get(name) ?? port + offset] as const);
  const ports = Object.fromEntries(entries) as Ports;
  const faults = used.flatMap((name) => {
    const { variable } = factsOf(table, name);
    const wrong = whatIsWrong(table, name, portOf(ports, name));
    if (wrong === null) return [];
    if (isGiven(given, name)) return [`${variable} is ${ports[name]}, ${wrong}: take another`];
    const better = findOffset(settings, used);
    const advice = better === null ? `set ${variable} by itself` : `take another, such as ${better}`;
    return [`STACK_PORT_OFFSET=${offset} moves ${variable} to ${ports[name]}, ${wrong}: ${advice}`];
  });
  return { ports, faults: [...faults, ...samePortFaults(table, ports, used)] };
}

/** An offset near the one that is set, and other than it, that moves every port to where it can be opened. */
export function findOffset(
  { table, given, offset: near }: PortSettings,
  used: readonly PortName[],
): number | null {
  const moved = used.filter((name) => !isGiven(given, name));
  const isGood = (offset: number) =>
    moved.every((name) => whatIsWrong(table, name, factsOf(table, name).port + offset) === null);
  const base = near - (near % OFFSET_STEP);
  for (let distance = OFFSET_STEP; distance <= PORT_MAX; distance += OFFSET_STEP) {
    for (const offset of [base + distance, base - distance]) {
      if (offset > 0 && offset !== near && isGood(offset)) return offset;
    }
  }
  return null;
}

export const isGiven = (given: GivenPorts, name: PortName): boolean => (given.get(name) ?? null) !== null;

function whatIsWrong(table: PortTable, name: PortName, port: number): string | null {
  if (port > PORT_MAX) return 'which is no port';
  return factsOf(table, name).http && isUnsafePort(port) ? 'which browsers refuse to open' : null;
}

function samePortFaults(table: PortTable, ports: Ports, used: readonly PortName[]): string[] {
  const variable = (name: PortName) => factsOf(table, name).variable;
  const fixed = used.filter((name) => ports[name] !== 0);
  return fixed.flatMap((name, index) =>
    fixed
      .slice(0, index)
      .filter((earlier) => ports[earlier] === ports[name])
      .map((earlier) => `${variable(earlier)} and ${variable(name)} are both ${ports[name]}`),
  );
}
