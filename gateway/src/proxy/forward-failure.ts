import type { ForwardFailure } from '../http/forward.ts';

/** Codes that only a connection that never came about ends with. */
const UNREACHABLE_CODES = new Set([
  'BANYAN_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'EPROTO',
]);
const CERTIFICATE_CODE = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

export class FirstByteTimeoutError extends Error {
  override name = 'FirstByteTimeoutError';
  readonly code = 'BANYAN_FIRST_BYTE_TIMEOUT';
}

/** What an error of the connection to a backend means for the request that was on it. */
export function classifyFailure(error: NodeJS.ErrnoException): ForwardFailure['kind'] {
  if (error instanceof FirstByteTimeoutError) return 'late';
  // Several addresses were tried; each has its own reason.
  const codes =
    error instanceof AggregateError ? error.errors.map(({ code }) => String(code)) : [error.code ?? ''];
  const unreachable = codes.some((code) => UNREACHABLE_CODES.has(code) || CERTIFICATE_CODE.test(code));
  if (unreachable || (error.code === 'ETIMEDOUT' && error.syscall === 'connect')) return 'unreachable';
  return 'broken';
}
