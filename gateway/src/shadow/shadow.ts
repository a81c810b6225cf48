import type { Peer } from '../datapath/request-bytes.ts';
import type { ResponseTap } from '../datapath/response-tap.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { RequestHead } from '../wire/request-head.ts';
import type { DifferenceKind, SideType } from './difference.ts';

/** Why a request of an operation at `shadow` was not compared. Closed: each is a label of the metric. */
export const SKIP_REASONS = [
  'not-sampled',
  /** It has a body, wants another protocol, is of HTTP/1.0, or its method is not safe: it cannot be asked twice. */
  'not-repeatable',
  /** Too many wait already. */
  'queue-full',
  /** What is kept of answers has reached its bound. */
  'memory-full',
  'monolith-too-large',
  'service-too-large',
  /** The monolith's answer broke off, or the client left before its end. */
  'monolith-broken',
  /** Nobody could say who is calling. */
  'caller-unknown',
  'service-unavailable',
  'service-late',
  /** They differed, and the monolith gave no answer when it was asked again. */
  'monolith-unavailable',
  /** They differed, and the monolith was asked again often enough within this second. */
  'repeats-full',
  /** The flag left `shadow` while it waited. */
  'flag-changed',
  'stopped',
  /** A fault of the gateway's own; it is in the log. */
  'internal',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** One operation since the start of this replica. `compared` is the sum of `equal`, `different` and `unrepeated`. */
export type ShadowReport = {
  readonly operationId: string;
  readonly carveOut: string;
  readonly compared: number;
  readonly equal: number;
  /** Differed in the same place when both were asked again. */
  readonly different: number;
  /** Differed, and not again: something was being changed just then. */
  readonly unrepeated: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** What differed, most often first; bounded, what is beyond is `(other)`. */
  readonly fields: readonly FieldCount[];
};

export type FieldCount = {
  /** `status`, `header:etag`, `body`, `$.payments[*].amount`. */
  readonly field: string;
  readonly kind: DifferenceKind;
  readonly count: number;
  /** Of these, how often the monolith's own two answers differed there as well: a volatile field, most likely. */
  readonly unsteady: number;
};

/** One side of a difference as it may be shown: no letter and no digit of a value, unless it was declared showable. */
export type RedactedSide = {
  readonly type: SideType;
  /** Characters, elements, fields or bytes, by the type. */
  readonly length: number;
  /** Letters as `a` and `A`, digits as `0`; cut to a bound, `…` standing for the rest. Empty for arrays and objects. */
  readonly text: string;
};

export type RedactedDifference = {
  /** `$.payments[0].amount` */
  readonly path: string;
  /** `$.payments[*].amount` */
  readonly field: string;
  readonly kind: DifferenceKind;
  readonly monolith: RedactedSide;
  readonly service: RedactedSide;
  /** Where they begin to differ: the character or byte, in a text the line; from 0. */
  readonly at?: number;
  /** The monolith's own two answers differed there as well. */
  readonly unsteady?: true;
};

/** A request whose answers differed twice. */
export type KeptDifference = {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly operationId: string;
  /** As in the access log and the trace. */
  readonly requestId: string;
  readonly method: string;
  /** The contract's path, and the names of the query's parameters: `/api/v1/invoices/{id}?page&per_page`. */
  readonly path: string;
  /** Names of header fields of the request on which an answer depends, such as `If-None-Match`. */
  readonly conditions: readonly string[];
  readonly status: { readonly monolith: number; readonly service: number };
  readonly differences: readonly RedactedDifference[];
  /** Whether there are more differences than are listed. */
  readonly isComplete: boolean;
};

/** Asks services aside what the monolith has answered, and compares. */
export type Shadow = {
  /**
   * A tap for a request that is to be compared; undefined where it is not sampled, has a body, or there is no room.
   * `peer`: who sent it, so that the monolith can be asked again with the same forwarding fields.
   */
  observe(head: RequestHead, context: RequestContext, peer?: Peer): ResponseTap | undefined;
  /** Per operation that was ever at `shadow` here. */
  report(): readonly ShadowReport[];
  /** Newest first. */
  differences(operationId: string): readonly KeptDifference[];
  /** Ends what is under way, and drops what waits. */
  stop(): Promise<void>;
};
