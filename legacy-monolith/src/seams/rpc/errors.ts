import { ErrorInfo, RetryInfo, Status } from '@banyan/contracts/google/rpc/status';
import { status as grpcStatus, Metadata } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isNotTheOwner } from '../../db/database-fault.ts';

export type RpcCode = Exclude<keyof typeof grpcStatus, 'OK'>;

/** Of refusals that belong to no context. */
export const HOUSE_DOMAIN = 'meridian';
const DETAILS_KEY = 'grpc-status-details-bin';
const TYPE_PREFIX = 'type.googleapis.com/';
const RETRY_SECONDS = 1;

type Details = {
  domain?: string;
  message?: string;
  metadata?: Readonly<Record<string, string>>;
  retryAfterSeconds?: number;
};

/** An answer that is not the one asked for, on purpose. */
export class RpcRefusal extends Error {
  override readonly name = 'RpcRefusal';
  readonly code: RpcCode;
  readonly reason: string;
  readonly details: Details;

  constructor(code: RpcCode, reason: string, details: Details = {}) {
    super(details.message ?? reason);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

/** What another side answered to a call of ours. */
export class RemoteRefusal extends Error {
  override readonly name = 'RemoteRefusal';
  readonly code: RpcCode;
  /** Empty where none was given. */
  readonly reason: string;

  constructor(code: RpcCode, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

export function notTheOwner(aggregate: string): RpcRefusal {
  return new RpcRefusal('FAILED_PRECONDITION', 'NOT_THE_OWNER', {
    metadata: { aggregate },
    retryAfterSeconds: RETRY_SECONDS,
  });
}

export type WireStatus = { code: number; details: string; metadata: Metadata };

/** The status of whatever a handler threw. Of the unexpected, an id is told that the log knows. */
export function wireStatusOf(
  error: unknown,
  { logger, callId, method }: { logger: Logger; callId: string; method: string },
): WireStatus {
  if (error instanceof RpcRefusal) return toWire(error);
  if (isNotTheOwner(error)) {
    return toWire(
      new RpcRefusal('FAILED_PRECONDITION', 'NOT_THE_OWNER', { retryAfterSeconds: RETRY_SECONDS }),
    );
  }
  if (isDatabaseUnavailable(error)) {
    logger.warn({ err: error, method, callId }, 'the database was not there for a call');
    return toWire(
      new RpcRefusal('UNAVAILABLE', 'DATABASE_UNAVAILABLE', { retryAfterSeconds: RETRY_SECONDS }),
    );
  }
  logger.error({ err: error, method, callId }, 'a call failed');
  return toWire(new RpcRefusal('INTERNAL', 'INTERNAL', { message: `internal error ${callId}` }));
}

function toWire({ code: name, reason, message, details }: RpcRefusal): WireStatus {
  const { domain = HOUSE_DOMAIN, metadata = {}, retryAfterSeconds } = details;
  const code = grpcStatus[name];
  const any = (type: string, value: Uint8Array) => ({
    typeUrl: `${TYPE_PREFIX}google.rpc.${type}`,
    value: Buffer.from(value),
  });
  const parts = [any('ErrorInfo', ErrorInfo.encode({ reason, domain, metadata: { ...metadata } }).finish())];
  if (retryAfterSeconds !== undefined) {
    const retryDelay = { seconds: BigInt(retryAfterSeconds), nanos: 0 };
    parts.push(any('RetryInfo', RetryInfo.encode({ retryDelay }).finish()));
  }
  const sent = new Metadata();
  sent.set(DETAILS_KEY, Buffer.from(Status.encode({ code, message, details: parts }).finish()));
  return { code, details: message, metadata: sent };
}

/** Reads what grpc-js gives for a call that did not succeed. */
export function readRefusal(error: unknown, method: string): RemoteRefusal {
  const { code, details, metadata } = error as { code?: unknown; details?: unknown; metadata?: Metadata };
  const name = typeof code === 'number' ? grpcStatus[code] : undefined;
  const known = name === undefined || name === 'OK' ? 'UNKNOWN' : (name as RpcCode);
  return new RemoteRefusal(known, reasonOf(metadata), `${method}: ${known} ${String(details ?? '')}`);
}

function reasonOf(metadata: Metadata | undefined): string {
  const [bytes] = metadata?.get(DETAILS_KEY) ?? [];
  if (!Buffer.isBuffer(bytes)) return '';
  try {
    const info = Status.decode(bytes).details.find(({ typeUrl }) =>
      typeUrl.endsWith('/google.rpc.ErrorInfo'),
    );
    return info ? ErrorInfo.decode(info.value).reason : '';
  } catch {
    return ''; // The details are not what they claim to be; the code alone stands.
  }
}
