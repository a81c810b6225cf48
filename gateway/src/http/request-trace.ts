import type { HeadEdits } from '../datapath/head-edits.ts';
import type { RequestContext, RequestEnd } from './request-context.ts';

/** One request in its trace. There is none where tracing is off. */
export type RequestTrace = {
  /** 32 hexadecimal digits; the client's own where it sent one. */
  readonly traceId: string;
  /** The request goes to the monolith: what its head is to say of the trace. */
  toMonolith(): HeadEdits;
  /** A call to a service begins. `path` is gRPC's, such as `/billing.v1.BillingService/GetInvoice`. */
  toService(path: string): CallTrace;
  /** Once. What is under way to a backend ends with it. */
  end(context: RequestContext, end: RequestEnd): void;
};

export type CallTrace = {
  /** For the call's metadata; ASCII. */
  readonly fields: readonly (readonly [key: string, value: string])[];
  /** `code`: the name of gRPC's status, such as `OK`. The first counts. */
  end(code: string): void;
};
