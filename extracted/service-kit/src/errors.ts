import { BadRequest, ErrorInfo, RetryInfo, Status } from '@banyan/contracts/google/rpc/status';
import { status as grpcStatus, Metadata } from '@grpc/grpc-js';
import { isDatabaseUnavailable, isNotTheOwner } from './database-fault.ts';
import type { Logger } from './logger.ts';

export type RpcCode = Exclude<keyof typeof grpcStatus, 'OK'>;
export type Violation = { readonly field: string; readonly description: string };

export type RefusalDetails = {
  /** For people; never shown to a client as it is. */
  readonly message?: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  readonly retryAfterSeconds?: number;
  /** For the log alone. */
  readonly cause?: unknown;
};

export const ERROR_DOMAIN = 'meridian.example';
export const STATUS_DETAILS_KEY = 'grpc-status-details-bin';
/** Both travel in the trailers, which peers bound to 16 KiB or so in all. */
const DETAILS_BYTES_MAX = 6_144;
const MESSAGE_CHARACTERS_MAX = 1_024;
const TYPE_PREFIX = 'type.googleapis.com/';
const RETRY_SECONDS = 1;

/** An answer that is not the one asked for, on purpose: code for machines that relay, reason for those that decide. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: RpcCode;
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];
  readonly retryAfterSeconds: number | null;

  constructor(code: RpcCode, reason: string, details: RefusalDetails = {}) {
    super(details.message ?? reason, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = reason;
    this.domain = details.domain ?? ERROR_DOMAIN;
    this.metadata = details.metadata ?? {};
    this.violations = details.violations ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
  }
}

/** What another service answered. Never relayed as it is: its caller decides what it means here. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly code: RpcCode;
  readonly method: string;
  /** Empty where the peer gave none. */
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];
  readonly retryAfterSeconds: number | null;

  constructor(code: RpcCode, method: string, details: RefusalDetails & { readonly reason?: string } = {}) {
    super(`${method}: ${code} ${details.message ?? ''}`, { cause: details.cause });
    this.code = code;
    this.method = method;
    this.reason = details.reason ?? '';
    this.domain = details.domain ?? '';
    this.metadata = details.metadata ?? {};
    this.violations = details.violations ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
  }
}

/** Makes the error to throw. */
export function refuse(code: RpcCode, reason: string, details: RefusalDetails = {}): RpcError {
  return new RpcError(code, reason, details);
}

export type WireStatus = { code: number; details: string; metadata: Metadata };
type StatusParts = { readonly callId: string; readonly method: string; readonly logger: Logger };

/** The status of whatever a handler threw. Total: nothing thrown is relayed unless it was meant to be. */
export function statusOf(error: unknown, parts: StatusParts): WireStatus {
  return wireStatus(refusalOf(error, parts));
}

export function refusalOf(error: unknown, { callId, method, logger }: StatusParts): RpcError {
  if (error instanceof RpcError) return error;
  if (isNotTheOwner(error)) {
    return refuse('FAILED_PRECONDITION', 'NOT_THE_OWNER', { retryAfterSeconds: RETRY_SECONDS, cause: error });
  }
  if (isDatabaseUnavailable(error)) {
    logger.warn({ err: error, method, callId }, 'the database was not there for a call');
    return refuse('UNAVAILABLE', 'DATABASE_UNAVAILABLE', { retryAfterSeconds: RETRY_SECONDS, cause: error });
  }
  if (error instanceof RemoteError && isAway(error)) {
    logger.warn({ err: error, method, callId }, 'a dependency was not there for a call');
    return refuse('UNAVAILABLE', 'DEPENDENCY_UNAVAILABLE', {
      retryAfterSeconds: error.retryAfterSeconds ?? RETRY_SECONDS,
      cause: error,
    });
  }
  logger.error({ err: error, method, callId }, 'a call failed');
  return refuse('INTERNAL', 'INTERNAL', {
    message: `internal error ${callId}`,
    metadata: { id: callId },
    cause: error,
  });
}

/** Also one that is there and does not own what it was asked for: it is being moved, or has been just now. */
function isAway({ code, reason }: RemoteError): boolean {
  return code === 'UNAVAILABLE' || code === 'DEADLINE_EXCEEDED' || reason === 'NOT_THE_OWNER';
}

export function wireStatus(error: RpcError): WireStatus {
  const code = grpcStatus[error.code];
  // grpc-js percent-encodes the message, which a lone surrogate makes throw.
  const details = error.message.slice(0, MESSAGE_CHARACTERS_MAX).toWellFormed();
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS_KEY, encodeDetails(code, details, error));
  return { code, details, metadata };
}

function encodeDetails(code: number, message: string, error: RpcError): Buffer {
  // A thousand faults do not fit in trailers; the first ones say enough.
  for (let count = error.violations.length; ; count = Math.floor(count / 2)) {
    const bytes = Status.encode({ code, message, details: detailsOf(error, count) }).finish();
    if (bytes.length <= DETAILS_BYTES_MAX || count === 0) return Buffer.from(bytes);
  }
}

function detailsOf(error: RpcError, violationsMax: number): Status['details'] {
  const { reason, domain, metadata, retryAfterSeconds } = error;
  const details = [
    any('google.rpc.ErrorInfo', ErrorInfo.encode({ reason, domain, metadata: { ...metadata } }).finish()),
  ];
  if (violationsMax > 0) {
    const fieldViolations = error.violations.slice(0, violationsMax).map((each) => ({ ...each }));
    details.push(any('google.rpc.BadRequest', BadRequest.encode({ fieldViolations }).finish()));
  }
  if (retryAfterSeconds !== null) {
    const retryDelay = { seconds: BigInt(Math.ceil(retryAfterSeconds)), nanos: 0 };
    details.push(any('google.rpc.RetryInfo', RetryInfo.encode({ retryDelay }).finish()));
  }
  return details;
}

function any(name: string, value: Uint8Array): Status['details'][number] {
  return { typeUrl: `${TYPE_PREFIX}${name}`, value: Buffer.from(value) };
}

type ReceivedError = { code?: unknown; details?: unknown; metadata?: Metadata };

/** Reads what grpc-js gives a client for a call that did not succeed. */
export function readRemoteError(error: unknown, method: string): RemoteError {
  const { code, details, metadata } = error as ReceivedError;
  const name = (typeof code === 'number' ? grpcStatus[code] : undefined) ?? 'UNKNOWN';
  const message = typeof details === 'string' ? details : '';
  const rpcCode = (name === 'OK' ? 'UNKNOWN' : name) as RpcCode;
  return new RemoteError(rpcCode, method, { message, cause: error, ...readDetails(metadata) });
}

function readDetails(metadata: Metadata | undefined): RefusalDetails & { reason?: string } {
  const [bytes] = metadata?.get(STATUS_DETAILS_KEY) ?? [];
  if (!Buffer.isBuffer(bytes)) return {};
  try {
    let read: RefusalDetails & { reason?: string } = {};
    for (const { typeUrl, value } of Status.decode(bytes).details) {
      if (typeUrl === `${TYPE_PREFIX}google.rpc.ErrorInfo`) {
        read = { ...read, ...ErrorInfo.decode(value) };
      } else if (typeUrl === `${TYPE_PREFIX}google.rpc.BadRequest`) {
        read = { ...read, violations: BadRequest.decode(value).fieldViolations };
      } else if (typeUrl === `${TYPE_PREFIX}google.rpc.RetryInfo`) {
        read = { ...read, retryAfterSeconds: Number(RetryInfo.decode(value).retryDelay?.seconds ?? 0n) };
      }
    }
    return read;
  } catch {
    return {}; // The peer's details are not what they claim to be; the code alone stands.
  }
}
