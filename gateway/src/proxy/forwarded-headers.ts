import { BlockList, isIPv6 } from 'node:net';
import type { HeaderEntry } from './headers.ts';

/** Writes into a request's headers where it came from. */
export type WriteForwarded = (headers: readonly HeaderEntry[], peer: string) => readonly HeaderEntry[];

const FORWARDED_NAMES = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
];

/**
 * The rule: `X-Forwarded-For` ends with the address that connected to us. What stands before it, and the
 * client's `X-Forwarded-Proto` and `-Host`, are believed from a trusted proxy alone; from anybody else every
 * forwarding header is replaced, so that none of it passes as truth. Turned off, all of them pass untouched.
 */
export function createForwardedWriter(config: {
  readonly enabled: boolean;
  readonly trustedProxies: readonly string[];
}): WriteForwarded {
  if (!config.enabled) return (headers) => headers;
  const isTrusted = createTrust(config.trustedProxies);
  return (headers, peer) => {
    const address = plainAddress(peer);
    const received = (name: string) =>
      headers.find(([other]) => other.toLowerCase() === name)?.[1].join(', ');
    const host = received('host');
    if (!isTrusted(address)) {
      const kept = headers.filter(([name]) => !FORWARDED_NAMES.includes(name.toLowerCase()));
      return [
        ...kept,
        ['X-Forwarded-For', [address]],
        ['X-Forwarded-Proto', ['http']],
        ...(host === undefined ? [] : [['X-Forwarded-Host', [host]] as const]),
      ];
    }
    const chain = received('x-forwarded-for');
    const kept = headers.filter(([name]) => name.toLowerCase() !== 'x-forwarded-for');
    return [
      ...kept,
      ['X-Forwarded-For', [chain === undefined ? address : `${chain}, ${address}`]],
      ...(received('x-forwarded-proto') === undefined ? [['X-Forwarded-Proto', ['http']] as const] : []),
      ...(received('x-forwarded-host') === undefined && host !== undefined
        ? [['X-Forwarded-Host', [host]] as const]
        : []),
    ];
  };
}

function createTrust(trustedProxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of trustedProxies) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => trustedProxies.length > 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** An IPv4 client of a dual-stack listener has an IPv6-mapped address. */
function plainAddress(peer: string): string {
  return peer.startsWith('::ffff:') && peer.includes('.') ? peer.slice('::ffff:'.length) : peer;
}
