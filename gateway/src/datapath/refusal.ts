import { REQUEST_FAULT_STATUS, type RequestFault } from '../wire/request-head.ts';

/** Why bytes of a client became no request. */
export type RefusalReason = RequestFault | 'head-late';

export const REFUSAL_STATUS = {
  ...REQUEST_FAULT_STATUS,
  'head-late': 408,
} as const satisfies Record<RefusalReason, number>;

/** A request that never was one: nothing of what the client sent is in it. */
export type Refusal = {
  readonly reason: RefusalReason;
  readonly status: number;
  /** The other end of the connection. */
  readonly address: string;
  readonly sentBytes: number;
};
