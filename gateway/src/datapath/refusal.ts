import { REQUEST_FAULT_STATUS, type RequestFault } from '../wire/request-head.ts';

/** Why bytes of a client became no request. */
export type RefusalReason = RequestFault | 'head-late' | 'overloaded';

export const REFUSAL_STATUS = {
  ...REQUEST_FAULT_STATUS,
  'head-late': 408,
  overloaded: 503,
} as const satisfies Record<RefusalReason, number>;

/** A request that never was one: nothing of what the client sent is in it. */
export type Refusal = {
  readonly reason: RefusalReason | 'too-many-connections';
  /** None for a connection that was closed as it came. */
  readonly status: number | undefined;
  /** The other end of the connection. */
  readonly address: string;
  readonly sentBytes: number;
};
