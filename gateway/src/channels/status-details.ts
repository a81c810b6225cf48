import type { ServiceError } from '@grpc/grpc-js';
import { ServiceRefusal } from '../carve-out/service-calls.ts';
import { readMessage } from './wire-messages.ts';

const DETAILS_KEY = 'grpc-status-details-bin';

/** What a call's error says of itself, if it carries a `google.rpc.ErrorInfo`; else nothing. */
export function refusalOf(error: ServiceError): ServiceRefusal | undefined {
  const [details] = error.metadata?.get(DETAILS_KEY) ?? [];
  if (!Buffer.isBuffer(details)) return undefined;
  try {
    return readStatus(details, error.code);
  } catch {
    // Details that cannot be read say nothing; the code still does.
    return undefined;
  }
}

type ErrorInfo = Pick<ServiceRefusal, 'reason' | 'domain' | 'metadata'>;
type Violation = ServiceRefusal['violations'][number];

function readStatus(bytes: Buffer, code: number): ServiceRefusal | undefined {
  let info: ErrorInfo | undefined;
  const violations: Violation[] = [];
  let retryAfterSeconds: number | undefined;
  readMessage(bytes, (field, reader) => {
    if (field !== 3) return false;
    const { type, value } = readAny(reader.bytes());
    if (type === 'google.rpc.ErrorInfo') info = readErrorInfo(value);
    else if (type === 'google.rpc.BadRequest') violations.push(...readBadRequest(value));
    else if (type === 'google.rpc.RetryInfo') retryAfterSeconds = readRetryInfo(value);
    return true;
  });
  return info && new ServiceRefusal({ code, ...info, violations, retryAfterSeconds });
}

function readAny(bytes: Uint8Array): { type: string; value: Uint8Array } {
  let type = '';
  let value: Uint8Array = new Uint8Array();
  readMessage(bytes, (field, reader) => {
    if (field === 1) type = reader.string().replace(/^.*\//, '');
    else if (field === 2) value = reader.bytes();
    else return false;
    return true;
  });
  return { type, value };
}

function readErrorInfo(bytes: Uint8Array): ErrorInfo {
  let reason = '';
  let domain = '';
  const metadata: Record<string, string> = {};
  readMessage(bytes, (field, reader) => {
    if (field === 1) reason = reader.string();
    else if (field === 2) domain = reader.string();
    else if (field === 3) {
      const [key, value] = readTwoStrings(reader.bytes());
      metadata[key] = value;
    } else return false;
    return true;
  });
  return { reason, domain, metadata };
}

function readBadRequest(bytes: Uint8Array): Violation[] {
  const violations: Violation[] = [];
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false;
    const [name, description] = readTwoStrings(reader.bytes());
    violations.push({ field: name, description });
    return true;
  });
  return violations;
}

/** A map's entry, and a FieldViolation, are both two strings. */
function readTwoStrings(bytes: Uint8Array): [string, string] {
  const strings: [string, string] = ['', ''];
  readMessage(bytes, (field, reader) => {
    if (field !== 1 && field !== 2) return false;
    strings[field - 1] = reader.string();
    return true;
  });
  return strings;
}

/** Whole seconds, rounded up. */
function readRetryInfo(bytes: Uint8Array): number {
  let seconds = 0;
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false;
    readMessage(reader.bytes(), (part, inner) => {
      if (part === 1) seconds += Number(inner.int64());
      else if (part === 2) seconds += Math.sign(inner.int32());
      else return false;
      return true;
    });
    return true;
  });
  return seconds;
}
