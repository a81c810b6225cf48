import type { DataPlan } from '@banyan/gateway/carve-out';

/** The monolith's decimal amount as the smallest unit. */
const minor = (column: string): string => `(${column} * 100)::bigint`;
/** The other way; exact, since numeric division by 100 is. */
const decimal = (column: string): string => `(${column} / 100.0)::numeric(12, 2)`;

const ISO = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
