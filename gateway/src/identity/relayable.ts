import type { SessionAnswer } from '../carve-out/identity-adapter.ts';

/** Fields of the connection between gateway and monolith (RFC 9110 §7.6.1); the body's framing is the client's own. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The monolith's answer as it may be sent to a client: all but what belongs to one connection, untouched. */
export function relayable({ status, headers, body }: SessionAnswer): SessionAnswer {
  const nominated = new Set(
    headers
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.split(',').map((option) => option.trim().toLowerCase()))
      .filter((option) => option !== 'content-length'),
  );
  const kept = headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !HOP_BY_HOP.has(lower) && !nominated.has(lower);
  });
  return { status, headers: kept, body };
}
