import type { Metadata } from '@grpc/grpc-js';
import type { Logger } from './logger.ts';
import { readTracing } from './tracing-settings.ts';

/** The span of a call. */
export type CallSpan = {
  /** Once. `code` is the name of its status. */
  end(code: string): void;
};

/** Calls in their traces: those that come in, and those that are made on behalf of them. */
export type Tracing = {
  /** A call came in; its metadata may say in which trace. `path` as in "/billing.v1.BillingService/GetInvoice". */
  received(path: string, metadata: Metadata): CallSpan;
  /** Calls that are sent by what runs in here, or later because of it, are on behalf of that call until it ends. */
  within<T>(call: CallSpan, run: () => T): T;
  /**
   * A call goes out: writes into its metadata which trace it belongs to. Undefined where it is on behalf of none; then
   * it is in no trace.
   */
  sent(path: string, metadata: Metadata): CallSpan | undefined;
  /** The W3C traceparent of the call on behalf of which this runs, for what is written down now and done later. */
  traceparent(): string | undefined;
  /** An event is taken from a queue; `traceparent` is what its writer wrote down. */
  consumed(queue: string, traceparent: string | undefined): CallSpan;
  /** Sends the spans that wait, for so long at most. */
  stop(limitMs: number): Promise<void>;
};

/** Null, and nothing of OpenTelemetry loaded, unless its variables ask for traces. */
export async function loadTracing(
  env: Readonly<Record<string, string | undefined>>,
  parts: { readonly service: string; readonly instance: string; readonly logger: Logger },
): Promise<Tracing | null> {
  const { settings, notes } = readTracing(env);
  for (const note of notes) parts.logger.warn(note);
  if (settings === undefined) return null;
  const { createTracing } = await import('./tracing-spans.ts');
  return createTracing(settings, parts);
}
