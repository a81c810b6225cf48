import { equalsIgnoringCase } from './bytes.ts';

/**
 * Fields that belong to one connection (RFC 9110 §7.6.1), those a proxy of old consumed (RFC 7235), and the
 * settings of an h2c upgrade. Never forwarded as they came. Transfer-Encoding is not among them: the framing
 * code keeps or drops it.
 */
export function isHopByHop(bytes: Uint8Array, start: number, end: number): boolean {
  switch (end - start) {
    case 2:
      return equalsIgnoringCase(bytes, start, end, 'te');
    case 7:
      return equalsIgnoringCase(bytes, start, end, 'upgrade');
    case 10:
      return (
        equalsIgnoringCase(bytes, start, end, 'connection') ||
        equalsIgnoringCase(bytes, start, end, 'keep-alive')
      );
    case 14:
      return equalsIgnoringCase(bytes, start, end, 'http2-settings');
    case 16:
      return equalsIgnoringCase(bytes, start, end, 'proxy-connection');
    case 18:
      return equalsIgnoringCase(bytes, start, end, 'proxy-authenticate');
    case 19:
      return equalsIgnoringCase(bytes, start, end, 'proxy-authorization');
    case 25:
      return equalsIgnoringCase(bytes, start, end, 'proxy-authentication-info');
    default:
      return false;
  }
}

/**
 * What `Connection` names may be taken out of the message, but never the fields that say where it goes and
 * where it ends: a sender must not be able to change that on the next hop.
 */
export function mayBeNominated(option: string): boolean {
  return option !== 'host' && option !== 'content-length' && option !== 'transfer-encoding';
}

const FORWARDING = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-ssl',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-real-ip',
]);

/**
 * Fields that claim who sent a request, `_` for `-` included: CGI and WSGI know no difference between
 * `X-Forwarded-For` and `X_Forwarded_For`.
 */
export function isForwarding(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  const first = (bytes[start] as number) | 32;
  if (length === 9) {
    // "forwarded" or "x-real-ip".
    if (first !== 0x66 && first !== 0x78) return false;
  } else if (length < 15 || first !== 0x78 || ((bytes[start + 2] as number) | 32) !== 0x66) return false;
  return FORWARDING.has(bytes.toString('latin1', start, end).toLowerCase().replaceAll('_', '-'));
}

/**
 * Trailer fields that are not handed on, lest somebody merges them into a head (RFC 9110 §6.5.1). Those that
 * frame a message are no matter of dropping: see framesMessage.
 */
export function isForbiddenTrailer(bytes: Buffer, start: number, end: number): boolean {
  return (
    isHopByHop(bytes, start, end) ||
    isForwarding(bytes, start, end) ||
    equalsIgnoringCase(bytes, start, end, 'host') ||
    equalsIgnoringCase(bytes, start, end, 'trailer')
  );
}

/** Whether the field says where a message ends. In a trailer that is an attempt at something. */
export function framesMessage(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    equalsIgnoringCase(bytes, start, end, 'transfer-encoding') ||
    equalsIgnoringCase(bytes, start, end, 'content-length')
  );
}
