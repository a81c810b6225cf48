import type { RequestObserver } from '../http/request-context.ts';
import type { Logger } from './logger.ts';

const SHOWN_PATH_LENGTH_MAX = 256;

/**
 * One line per request. It names the operation instead of the path where there is one, and never holds a query,
 * a cookie, a credential or a body. What was refused before it was a request has a line too: of that nothing is
 * shown but where it came from.
 */
export function createAccessLog(logger: Logger): Pick<RequestObserver, 'onRefused' | 'onEnd'> {
  return {
    onRefused: ({ reason, status, sentBytes, address }) => {
      const line = {
        backend: null,
        reason,
        status: status ?? null,
        bytes: sentBytes,
        outcome: 'refused',
        client: address,
      };
      logger.info(line, 'request');
    },
    onEnd: (context, end) => {
      const { failure, serviceFailure, operation, decision } = context;
      const line = {
        id: context.id,
        method: context.method,
        ...(operation ? { operation: operation.operationId } : { path: shownPath(context.target) }),
        backend: context.servedBy,
        reason: decision.reason,
        status: end.status ?? null,
        bytes: end.sentBytes,
        ms: Math.round(end.durationMs * 1_000) / 1_000,
        outcome: end.outcome,
        ...(context.trace ? { trace_id: context.trace.traceId } : {}),
        ...(context.upgrade ? { upgrade: true } : {}),
        ...(context.override ? { override: context.override.id } : {}),
        ...(serviceFailure
          ? { fellBackFrom: decision.backend, because: describeCause(serviceFailure.cause) }
          : {}),
      };
      if (failure)
        logger.warn({ ...line, failure: failure.kind, cause: describeCause(failure.cause) }, 'request');
      else if (serviceFailure) logger.warn(line, 'request');
      else logger.info(line, 'request');
    },
  };
}

function shownPath(target: string): string {
  const [path = ''] = target.split(/[?#]/, 1);
  // An absolute target may carry a password before its host.
  const safe = path.replace(/\/\/[^/@]*@/, '//***@');
  return safe.length > SHOWN_PATH_LENGTH_MAX ? `${safe.slice(0, SHOWN_PATH_LENGTH_MAX)}…` : safe;
}

/** An error that stands for several attempts has its text in them. */
function describeCause(error: Error): string {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.map((each) => (each instanceof Error ? each.message : String(each))).join('; ');
}
