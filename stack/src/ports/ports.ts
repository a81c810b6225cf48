/** Every port of the stack: what listens there, its default, the variable that moves it, whether it speaks HTTP. */
export const PORTS = {
  public: { http: true, variable: 'PORT', port: 8080, what: 'the gateway' },
  admin: { http: true, variable: 'ADMIN_PORT', port: 8081, what: "the gateway's admin API" },
  monolith: { http: true, variable: 'MONOLITH_PORT', port: 3000, what: 'the monolith' },
  acquirer: { http: true, variable: 'ACQUIRER_PORT', port: 4010, what: 'the acquirer stand-in' },
  smtp: { http: false, variable: 'MAIL_SMTP_PORT', port: 1025, what: "the mail catcher's SMTP" },
  mail: { http: true, variable: 'MAIL_PORT', port: 8025, what: "the mail catcher's page" },
  postgres: { http: false, variable: 'STACK_POSTGRES_PORT', port: 54_329, what: 'Postgres' },
  redis: { http: false, variable: 'STACK_REDIS_PORT', port: 63_790, what: 'Redis' },
} as const;

export type PortName = keyof typeof PORTS;
export type Ports = Record<PortName, number>;
export const PORT_NAMES = Object.keys(PORTS) as PortName[];
