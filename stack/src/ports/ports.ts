/** What listens on a port, its default, the variable that moves it, whether it speaks HTTP. */
export type PortFacts = {
  readonly http: boolean;
  readonly variable: string;
  readonly port: number;
  readonly what: string;
};

/** The ports that the stack has whatever is carved out. */
const FIXED = {
  public: { http: true, variable: 'PORT', port: 8080, what: 'the gateway' },
  admin: { http: true, variable: 'ADMIN_PORT', port: 8081, what: "the gateway's admin API" },
  monolith: { http: true, variable: 'MONOLITH_PORT', port: 3000, what: 'the monolith' },
  seam: { http: false, variable: 'MONOLITH_SEAM_PORT', port: 50_060, what: "the monolith's seam" },
  acquirer: { http: true, variable: 'ACQUIRER_PORT', port: 4010, what: 'the acquirer stand-in' },
  smtp: { http: false, variable: 'MAIL_SMTP_PORT', port: 1025, what: "the mail catcher's SMTP" },
  mail: { http: true, variable: 'MAIL_PORT', port: 8025, what: "the mail catcher's page" },
  postgres: { http: false, variable: 'STACK_POSTGRES_PORT', port: 54_329, what: 'Postgres' },
  redis: { http: false, variable: 'STACK_REDIS_PORT', port: 63_790, what: 'Redis' },
} as const satisfies Record<string, PortFacts>;

type FixedPortName = keyof typeof FIXED;
/** A carved-out service's. */
export type ServicePortName = `service ${string}`;
/** Of the relay of an outbox, for who looks at its metrics. */
export type RelayPortName = `relay ${string}`;
export type PortName = FixedPortName | ServicePortName | RelayPortName;
export type Ports = Record<FixedPortName, number> & { [name: ServicePortName | RelayPortName]: number };

/** Every port that there can be in this configuration, in the order in which they are told. */
export type PortTable = ReadonlyMap<PortName, PortFacts>;

type ServicePort = { readonly name: string; readonly prefix: string; readonly port: number };

/** The first relay's; the others follow in the order of the configuration. */
const RELAY_PORT = 9470;

export const relayPortName = (source: string): RelayPortName => `relay ${source}`;
export const servicePortName = (name: string): ServicePortName => `service ${name}`;

export function portTable(services: readonly ServicePort[]): PortTable {
  const fixed = Object.entries(FIXED) as [FixedPortName, PortFacts][];
  const ofServices = services.map(({ name, prefix, port }): [PortName, PortFacts] => [
    servicePortName(name),
    { http: false, variable: `${prefix}_PORT`, port, what: `the service ${name}` },
  ]);
  const sources = services.length === 0 ? [] : [{ name: 'monolith', prefix: 'MONOLITH' }, ...services];
  const ofRelays = sources.map(({ name, prefix }, index): [PortName, PortFacts] => [
    relayPortName(name),
    {
      http: true,
      variable: `${prefix}_RELAY_PORT`,
      port: RELAY_PORT + index,
      what: `the metrics of the relay of ${name}`,
    },
  ]);
  return new Map<PortName, PortFacts>([...fixed, ...ofServices, ...ofRelays]);
}

/** Of a name that comes from the table itself. */
export function factsOf(table: PortTable, name: PortName): PortFacts {
  const facts = table.get(name);
  if (facts === undefined) throw new Error(`there is no port of ${name}`);
  return facts;
}

export function portOf(ports: Readonly<Ports>, name: PortName): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`there is no port of ${name}`);
  return port;
}
