import type { Exchange } from '../datapath/exchange.ts';
import type { RequestContext } from './request-context.ts';

/**
 * Why a backend did not answer.
 * `unreachable`: no connection. `late`: no first byte in time. `broken`: the connection ended, or what came over
 * it was no HTTP, before the response was whole. `internal`: a service failed by itself, or its translation did.
 */
export type ForwardFailure = {
  readonly kind: 'unreachable' | 'late' | 'broken' | 'internal';
  /** For the log alone: it may hold addresses. */
  readonly cause: Error;
};

/**
 * Carries an exchange's bytes to one backend and back. The exchange itself answers for the backend where that fails,
 * and says at its end how it went. The context says who is to hear of it aside.
 */
export type Forward = (exchange: Exchange, context: RequestContext) => void;
