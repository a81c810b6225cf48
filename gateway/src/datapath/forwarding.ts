import { BlockList, isIP } from 'node:net';

/**
 * The rule for X-Forwarded-For, -Proto and -Host.
 *
 * `append`: X-Forwarded-For ends with the address that connected to us. What stands before it, and the other
 * fields of this kind, are believed from a trusted proxy alone, and completed; anybody else's are dropped, so
 * that none of them passes as truth. `off`: all of them pass untouched.
 */
export type ForwardingRule = {
  readonly mode: 'append' | 'off';
  isTrusted(address: string): boolean;
};

/** `trusted`: addresses and CIDR blocks. Throws on one that is neither; configuration refuses them earlier. */
export function createForwardingRule(
  mode: ForwardingRule['mode'],
  trusted: readonly string[],
): ForwardingRule {
  const blocks = new BlockList();
  for (const entry of trusted) addBlock(blocks, entry);
  return {
    mode,
    isTrusted: (address) =>
      trusted.length > 0 &&
      isIP(address) !== 0 &&
      blocks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
  };
}

/** Whether `entry` is an address or a CIDR block. */
export function isAddressBlock(entry: string): boolean {
  const [address = '', prefix, ...more] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32));
}

function addBlock(blocks: BlockList, entry: string): void {
  if (!isAddressBlock(entry)) throw new TypeError(`not an address or CIDR block: ${entry}`);
  const [address = '', prefix] = entry.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (prefix === undefined) blocks.addAddress(address, family);
  else blocks.addSubnet(address, Number(prefix), family);
}

/** An address as fields write it: IPv4 without the mapping prefix that a dual-stack listener shows. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
