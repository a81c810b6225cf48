import type { DataPlan } from '@banyan/gateway/carve-out';

/** A carve-out that the configuration names and whose service lies in this repository, as the stack runs it. */
export type StackCarveOut = {
  readonly name: string;
  readonly plan: DataPlan;
  /** `BILLING` of `BILLING_PORT`, `BILLING_DATABASE_URL` and the other variables of its service. */
  readonly prefix: string;
  /** Where the gateway reads the service's address. */
  readonly targetVariable: string;
  readonly port: number;
  /** Its process. */
  readonly program: string;
  /** Folder of its database's migrations. */
  readonly migrations: string;
};

/** What the stack is to do about a carve-out. */
export type CarveOutWish = {
  readonly carveOut: StackCarveOut;
  /** Whether its service is to run. */
  readonly runs: boolean;
  readonly owner: 'monolith' | 'service';
  /** Where its data is, if not in the embedded Postgres. */
  readonly givenDatabaseUrl: string | null;
};

/** Of the views over the monolith's tables, in the monolith's database. */
export const sharedSchemaOf = ({ plan }: StackCarveOut): string => `${plan.schema}_shared`;
/** The role that may read them. */
export const readerOf = ({ plan }: StackCarveOut): string => `${plan.schema}_reader`;
