import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler } from 'express';

/**
 * The W3C traceparent of what this process is working on, for the events that it writes meanwhile: whoever takes them
 * belongs to that trace. The monolith has no spans of its own, and passes on what came.
 */
export type TraceParents = {
  current(): string | null;
  /** Works on behalf of that one; of none where it cannot be read. */
  within<Result>(traceParent: string | undefined, work: () => Result): Result;
  readonly ofRequests: RequestHandler;
};

/** W3C Trace Context, section 3.2: no version ff, no ids of zeros. Sent twice it cannot be read. */
const FORM = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

export function createTraceParents(): TraceParents {
  const storage = new AsyncLocalStorage<string | null>();
  const within: TraceParents['within'] = (traceParent, work) =>
    storage.run(traceParent !== undefined && FORM.test(traceParent) ? traceParent : null, work);
  return {
    current: () => storage.getStore() ?? null,
    within,
    ofRequests: (req, _res, next) => {
      const given = req.headers.traceparent;
      within(typeof given === 'string' ? given : undefined, () => next());
    },
  };
}
