import { isDatabaseUnavailable } from '../db/database-fault.ts';
import { Refusal } from '../http/refusal.ts';
import { escapeXml } from './xml-text.ts';

export const ENVELOPE_NAMESPACE = 'http://schemas.xmlsoap.org/soap/envelope/';
export const SERVICE_NAMESPACE = 'http://meridian.example/soap/booking';

/** The codes of SOAP 1.1, section 4.4.1. */
export type FaultCode = 'VersionMismatch' | 'MustUnderstand' | 'Client' | 'Server';

/** A refusal in the words of SOAP. `code` is the one of the API's booking family, null for faults of headers. */
export class SoapFault extends Error {
  readonly faultCode: FaultCode;
  readonly code: string | null;
  /** 500 says SOAP 1.1 (section 6.2); only what is refused before it is a SOAP message keeps its own status. */
  readonly status: 413 | 415 | 500;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    faultCode: FaultCode,
    message: string,
    rest: { code?: string; status?: 413 | 415 | 500; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message);
    this.name = 'SoapFault';
    this.faultCode = faultCode;
    this.code = rest.code ?? null;
    this.status = rest.status ?? 500;
    this.retryAfterSeconds = rest.retryAfterSeconds;
  }
}

export const malformed = (message: string): SoapFault =>
  new SoapFault('Client', message, { code: 'BKG-400' });

/** What was thrown, as a fault. Of the unexpected nothing is told; `isUnexpected` says that it is to be logged. */
export function toSoapFault(error: unknown): { fault: SoapFault; isUnexpected: boolean } {
  if (error instanceof SoapFault) return { fault: error, isUnexpected: false };
  if (error instanceof Refusal) {
    const { status, details } = error;
    const fault = new SoapFault(status >= 500 ? 'Server' : 'Client', inCamelCase(error.message), {
      code: `BKG-${status}`,
      status: status === 413 || status === 415 ? status : 500,
      retryAfterSeconds: details.retryAfterSeconds,
    });
    return { fault, isUnexpected: error.kind === 'internal' };
  }
  const fault = isDatabaseUnavailable(error)
    ? new SoapFault('Server', 'The service is unavailable. Please try again later.', {
        code: 'BKG-503',
        retryAfterSeconds: 5,
      })
    : new SoapFault('Server', 'Something went wrong. Please try again later.', { code: 'BKG-500' });
  return { fault, isUnexpected: true };
}

/** SOAP 1.1, section 4.4: `detail` only for faults of the body. */
export function faultEnvelope({ faultCode, message, code }: SoapFault): string {
  const detail =
    code === null
      ? ''
      : `<detail><BookingFault xmlns="${SERVICE_NAMESPACE}"><code>${code}</code>` +
        `<message>${escapeXml(message)}</message></BookingFault></detail>`;
  return (
    `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${ENVELOPE_NAMESPACE}"><soap:Body>` +
    `<soap:Fault><faultcode>soap:${faultCode}</faultcode><faultstring>${escapeXml(message)}</faultstring>` +
    `${detail}</soap:Fault></soap:Body></soap:Envelope>`
  );
}

/** The rules of a booking name the API's fields; a partner knows them as `passengers[0].firstName`. */
function inCamelCase(message: string): string {
  return message.replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (name) =>
    name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
  );
}
