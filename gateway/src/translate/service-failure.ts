import { type ServiceError, status } from '@grpc/grpc-js';
import type { FailureKind } from '../carve-out/define.ts';
import type { ServiceRefusal } from '../carve-out/service-calls.ts';
import { refusalOf } from '../channels/status-details.ts';

/** A call that gave neither an answer nor a refusal. `gone`: nobody waits for it any more. */
export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure';
  readonly kind: FailureKind | 'gone';
  /** The service was not reached, or was lost under way: a read may be tried again. */
  readonly mayRepeat: boolean;
  /** There was no connection to send it on: it may be sent later, whatever it is. */
  readonly wasNotSent: boolean;
  /** The call was not made: what is wrong is no news of the service. */
  readonly isOurs: boolean;

  constructor(
    kind: FailureKind | 'gone',
    message: string,
    options: ErrorOptions & { mayRepeat?: boolean; wasNotSent?: boolean; isOurs?: boolean } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.mayRepeat = options.mayRepeat === true;
    this.wasNotSent = options.wasNotSent === true;
    this.isOurs = options.isOurs === true;
  }
}

/**
 * What service-kit calls an error that it has no word for, its id is in the service's log; or a request that its
 * translation filled in wrongly.
 */
const INTERNAL_ERROR = /^internal error\b|^Request message serialization failure/;
/** grpc-js says this of a call that found no connection, and of no other. */
const NO_CONNECTION = /^(round_robin: )?No connection established\b/;
/** The reason of a service that was asked for what another side owns by now. */
const NOT_THE_OWNER = 'NOT_THE_OWNER';

/**
 * What a call's error means. A refusal is for the translation; the rest is a failure, told by its code. None of the
 * text gets to a client.
 */
export function readServiceError(error: ServiceError): ServiceRefusal | ServiceFailure {
  const refusal = refusalOf(error);
  if (refusal !== undefined) {
    if (refusal.reason !== NOT_THE_OWNER) return refusal;
    return new ServiceFailure('unavailable', 'the service does not own what it was asked for', {
      cause: error,
    });
  }
  const failure = (kind: FailureKind | 'gone', mayRepeat = false) =>
    new ServiceFailure(kind, `${status[error.code] ?? error.code}: ${error.details}`, {
      cause: error,
      mayRepeat,
      wasNotSent: mayRepeat && NO_CONNECTION.test(error.details),
    });
  switch (error.code) {
    case status.DEADLINE_EXCEEDED:
      return failure('late');
    case status.CANCELLED:
      return failure('gone');
    case status.UNAVAILABLE:
      return failure('unavailable', true);
    case status.RESOURCE_EXHAUSTED:
      // A message beyond its bound will be as large next time.
      return failure(/message larger than max/i.test(error.details) ? 'internal' : 'unavailable');
    case status.INTERNAL:
      // Else it is grpc-js that cannot make sense of what came.
      return failure(INTERNAL_ERROR.test(error.details) ? 'internal' : 'unavailable');
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      // It does not believe us: keys that do not fit, which the client can do nothing about.
      return failure('internal');
    default:
      // No service built with service-kit says this without an ErrorInfo, so it is none, or not well.
      return failure('unavailable');
  }
}

/** What a refusal means that its translation has no word for. */
export function failureOfRefusal(refusal: ServiceRefusal): FailureKind {
  switch (refusal.code) {
    case status.UNAVAILABLE:
    case status.RESOURCE_EXHAUSTED:
    case status.ABORTED:
      return 'unavailable';
    case status.DEADLINE_EXCEEDED:
      return 'late';
    default:
      return 'internal';
  }
}
