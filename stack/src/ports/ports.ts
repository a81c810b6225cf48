/** Every port of the stack: what listens there, its default, and the variable that moves it. */
export const PORTS = {
  public: { variable: 'PORT', port: 8080, what: 'gateway' },
  admin: { variable: 'ADMIN_PORT', port: 8081, what: "gateway's admin API" },
  monolith: { variable: 'MONOLITH_PORT', port: 3000, what: 'monolith' },
  acquirer: { variable: 'ACQUIRER_PORT', port: 4010, what: 'acquirer stand-in' },
  smtp: { variable: 'MAIL_SMTP_PORT', port: 1025, what: "mail catcher's SMTP" },
  mail: { variable: 'MAIL_PORT', port: 8025, what: "mail catcher's page" },
  postgres: { variable: 'STACK_POSTGRES_PORT', port: 54_329, what: 'Postgres' },
  redis: { variable: 'STACK_REDIS_PORT', port: 63_790, what: 'Redis' },
} as const;

export type PortName = keyof typeof PORTS;
export type Ports = Record<PortName, number>;
export const PORT_NAMES = Object.keys(PORTS) as PortName[];
