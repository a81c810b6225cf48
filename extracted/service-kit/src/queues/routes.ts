/** Which queue an event goes to, by its type. Each queue has one consumer, and each event one queue. */
export type Routes = {
  readonly queues: readonly string[];
  queueOf(type: string | null): string;
  /** The types of which no event is to be taken from the outbox while these queues are full; see `TypeFilter`. */
  filterFor(fullQueues: ReadonlySet<string>): TypeFilter;
};

/** Of the types, only these; or all but these. Events whose type is not known count as of type ''. */
export type TypeFilter = { readonly types: readonly string[]; readonly areWanted: boolean };

const QUEUE = /^[a-z][a-z0-9-]{0,62}$/;
const TYPE = /^[a-z][A-Za-z0-9]{0,62}$/;

/**
 * Reads `billing-events:bookingPlaced,holdExpired;booking-events`: the last queue, without types, takes what is not
 * named, also what is not known here, for its consumer to say so. Throws what is wrong with it.
 */
export function parseRoutes(text: string): Routes {
  const named = new Map<string, string>();
  const queues: string[] = [];
  const parts = text.split(';');
  for (const [index, part] of parts.entries()) {
    const [queue = '', types, ...more] = part.split(':');
    if (!QUEUE.test(queue) || more.length > 0) throw new Error(`"${part}" is no queue`);
    if (queues.includes(queue)) throw new Error(`${queue} is there twice`);
    queues.push(queue);
    const isLast = index === parts.length - 1;
    if (isLast !== (types === undefined)) throw new Error('the last queue, and no other, has no types');
    for (const type of types?.split(',') ?? []) {
      if (!TYPE.test(type)) throw new Error(`"${type}" is no type of event`);
      if (named.has(type)) throw new Error(`${type} goes to two queues`);
      named.set(type, queue);
    }
  }
  const rest = queues.at(-1) ?? '';
  return {
    queues,
    queueOf: (type) => named.get(type ?? '') ?? rest,
    filterFor(fullQueues) {
      const isRestFull = fullQueues.has(rest);
      const types = [...named]
        .filter(([, queue]) => fullQueues.has(queue) !== isRestFull)
        .map(([type]) => type);
      return { types, areWanted: isRestFull };
    },
  };
}
