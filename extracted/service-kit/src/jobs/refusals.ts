import { Status } from '@banyan/contracts/google/rpc/status';
import { Metadata } from '@grpc/grpc-js';
import {
  type RefusalDetails,
  type RpcCode,
  RpcError,
  readRemoteError,
  refuse,
  STATUS_DETAILS_KEY,
  wireStatus,
} from '../errors.ts';

export const JOBS_DOMAIN = 'jobs';

/** The refusals of jobs themselves, beside those of the methods they run. */
const REFUSALS = {
  JOB_NOT_FOUND: { code: 'NOT_FOUND' },
  JOB_GONE: { code: 'NOT_FOUND' },
  JOB_NOT_DONE: { code: 'FAILED_PRECONDITION', retryAfterSeconds: 1 },
  JOB_CANCELLED: { code: 'FAILED_PRECONDITION' },
  JOB_METHOD_UNKNOWN: { code: 'INVALID_ARGUMENT' },
  JOB_TOO_LARGE: { code: 'INVALID_ARGUMENT' },
  JOB_RESULT_TOO_LARGE: { code: 'RESOURCE_EXHAUSTED' },
  JOB_OUTDATED: { code: 'UNAVAILABLE' },
  JOBS_FULL: { code: 'RESOURCE_EXHAUSTED', retryAfterSeconds: 30 },
  JOBS_NOT_CONFIGURED: { code: 'UNAVAILABLE' },
  IDEMPOTENCY_KEY_INVALID: { code: 'INVALID_ARGUMENT' },
  IDEMPOTENCY_KEY_REUSED: { code: 'INVALID_ARGUMENT' },
  NOT_THE_OWNER: { code: 'FAILED_PRECONDITION', retryAfterSeconds: 1 },
} as const satisfies Record<string, { readonly code: RpcCode; readonly retryAfterSeconds?: number }>;

/** Makes the error to throw. */
export function refuseJob(reason: keyof typeof REFUSALS, details: RefusalDetails = {}): RpcError {
  const { code, ...when } = REFUSALS[reason];
  return refuse(code, reason, { domain: JOBS_DOMAIN, ...when, ...details });
}

/** A refusal as it is kept: the google.rpc.Status that the call itself would have ended with. */
export function keepRefusal(refusal: RpcError): Buffer {
  const [bytes] = wireStatus(refusal).metadata.get(STATUS_DETAILS_KEY);
  return bytes as Buffer;
}

/** The refusal again, which leaves as the very status that was kept. */
export function keptRefusal(bytes: Buffer): RpcError {
  const { code, message: details } = Status.decode(bytes);
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS_KEY, bytes);
  const read = readRemoteError({ code, details, metadata }, 'a kept refusal');
  return new RpcError(read.code, read.reason, {
    message: details,
    domain: read.domain,
    metadata: read.metadata,
    violations: read.violations,
    ...(read.retryAfterSeconds === null ? {} : { retryAfterSeconds: read.retryAfterSeconds }),
  });
}
