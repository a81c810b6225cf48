const ID = /^[1-9]\d{0,18}$/;

/** Where a page ended. Opaque to clients: nothing but this file reads it. */
export function toPageToken(lastId: bigint): string {
  return Buffer.from(`v1:${lastId}`).toString('base64url');
}

/** Null for what is no token of ours. */
export function fromPageToken(token: string): bigint | null {
  const [version, id = ''] = Buffer.from(token, 'base64url').toString('latin1').split(':');
  return version === 'v1' && ID.test(id) && toPageToken(BigInt(id)) === token ? BigInt(id) : null;
}
