/** What one side tells another on its way through a queue, as JSON in Redis. */
export type QueueJob = {
  /** What `body` is, and in which version. */
  readonly schema: string;
  /** In base64. */
  readonly body: string;
  /** Whose outbox it is from, and whoever takes it acknowledges it to. */
  readonly source: string;
  readonly traceparent?: string;
};

/** Why a job can never be done, whoever tries. */
export const POISONS = [
  'UNREADABLE_JOB',
  'UNKNOWN_VERSION',
  'UNDECODABLE',
  'UNKNOWN_TYPE',
  'ID_DIFFERS',
] as const;
export type Poison = (typeof POISONS)[number];

/** Thrown by a decoder that can say more than UNDECODABLE. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError';
  readonly poison: Poison;

  constructor(poison: Poison) {
    super(poison);
    this.poison = poison;
  }
}

/** By the name of a schema, each version that is still read. `id` is the one under which it is in the outbox. */
export type Decoders<Item> = Readonly<Record<string, (id: string, body: Uint8Array) => Item>>;

export type JobReading<Item> =
  | { readonly kind: 'item'; readonly item: Item; readonly job: QueueJob }
  | { readonly kind: 'poison'; readonly poison: Poison; readonly source: string | null };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Reads a job that may be anybody's. */
export function readQueueJob<Item>(id: string, data: unknown, decoders: Decoders<Item>): JobReading<Item> {
  const { schema, body, source, traceparent } = (data ?? {}) as Record<string, unknown>;
  const from = typeof source === 'string' && source !== '' ? source : null;
  const poison = (why: Poison): JobReading<Item> => ({ kind: 'poison', poison: why, source: from });
  if (typeof schema !== 'string' || typeof body !== 'string' || from === null)
    return poison('UNREADABLE_JOB');
  const decode = Object.hasOwn(decoders, schema) ? decoders[schema] : undefined;
  if (!decode) return poison('UNKNOWN_VERSION');
  if (!BASE64.test(body)) return poison('UNDECODABLE');
  try {
    const item = decode(id, Buffer.from(body, 'base64'));
    const trace = typeof traceparent === 'string' ? { traceparent } : {};
    return { kind: 'item', item, job: { schema, body, source: from, ...trace } };
  } catch (error) {
    // What a decoder says of the bytes may hold some of them.
    return poison(error instanceof PoisonError ? error.poison : 'UNDECODABLE');
  }
}
