import { type Owner, otherSide, type Side } from '../ownership.ts';

/** What a database records of the aggregate, with the copy that holds it, if one does. */
export type OwnRecord = {
  readonly owner: Owner;
  readonly epoch: bigint;
  /** `source` is null where the copy's own row is missing. */
  readonly copy: { readonly id: string; readonly source: Side | null } | null;
};
export type BothRecords = Readonly<Record<Side, OwnRecord>>;

/**
 * What to do next for the aggregate to be `to`'s.
 *
 * A move writes six records, each of them one transaction; between any two it may die. `S` is the source, `T` the
 * target, `e` the source's term, `c` the copy:
 *
 * | after | S | T | decision to T | decision to S |
 * |---|---|---|---|---|
 * | rest | S e | S e | start | done |
 * | hold-target | S e | nobody e c | start (afresh: S may have written since) | put-back |
 * | hold-source | nobody e c | nobody e c | resume | put-back |
 * | flip-target | nobody e c | T e+1 | finish | finish, then start |
 * | flip-source | T e+1 | T e+1 | done | start |
 *
 * Putting back writes S first and T second, and so passes through the row of hold-target. A database that holds no
 * data of its own may lag behind in the number of the term; the owner's may not. All else contradicts.
 */
export type Decision =
  | { readonly kind: 'done'; readonly epoch: bigint }
  | { readonly kind: 'start'; readonly source: Side; readonly epoch: bigint }
  | { readonly kind: 'resume'; readonly source: Side; readonly epoch: bigint; readonly copyId: string }
  | { readonly kind: 'finish'; readonly held: Side; readonly epoch: bigint }
  | {
      readonly kind: 'put-back';
      readonly owner: Side;
      readonly held: readonly Side[];
      readonly epoch: bigint;
    }
  | { readonly kind: 'contradiction'; readonly why: string };

export function decideMove(records: BothRecords, to: Side): Decision {
  const { monolith, service } = records;
  if (monolith.owner === 'nobody' && service.owner === 'nobody') return whenBothHeld(records, to);
  if (monolith.owner === 'nobody') return whenOneHeld(records, 'monolith', to);
  if (service.owner === 'nobody') return whenOneHeld(records, 'service', to);
  return whenNoneHeld(records, to);
}

function whenNoneHeld(records: BothRecords, to: Side): Decision {
  const { monolith, service } = records;
  const owner = monolith.owner;
  if (owner === 'nobody' || owner !== service.owner) {
    return contradiction('each says something else about the owner', records);
  }
  const { epoch } = records[owner];
  if (records[otherSide(owner)].epoch > epoch) {
    return contradiction(`the ${owner}'s database is in an older term than the other knows of`, records);
  }
  return owner === to ? { kind: 'done', epoch } : { kind: 'start', source: owner, epoch };
}

function whenOneHeld(records: BothRecords, held: Side, to: Side): Decision {
  const here = records[held];
  const other = records[otherSide(held)];
  const source = here.copy?.source ?? null;
  if (source === null) return contradiction('one is held by a copy that nothing is known of', records);
  const target = otherSide(source);
  if (held === source && other.owner === target && other.epoch === here.epoch + 1n) {
    return { kind: 'finish', held, epoch: other.epoch };
  }
  const epoch = records[source].epoch;
  if (other.owner !== source || records[target].epoch > epoch) {
    return contradiction('one is held by a copy that the other contradicts', records);
  }
  return to === target
    ? { kind: 'start', source, epoch }
    : { kind: 'put-back', owner: source, held: [held], epoch };
}

function whenBothHeld(records: BothRecords, to: Side): Decision {
  const source = records.monolith.copy?.source ?? null;
  if (source === null || source !== (records.service.copy?.source ?? null)) {
    return contradiction('they are held by copies of which one came from nowhere or the other way', records);
  }
  const { epoch, copy } = records[source];
  const target = records[otherSide(source)];
  if (target.epoch > epoch) return contradiction('the held target is in a later term', records);
  if (to === source) return { kind: 'put-back', owner: source, held: [source, otherSide(source)], epoch };
  return copy !== null && copy.id === target.copy?.id && target.epoch === epoch
    ? { kind: 'resume', source, epoch, copyId: copy.id }
    : { kind: 'start', source, epoch };
}

function contradiction(why: string, { monolith, service }: BothRecords): Decision {
  const told = ({ owner, epoch }: OwnRecord) => `owner ${owner} in term ${epoch}`;
  return {
    kind: 'contradiction',
    why: `${why} (the monolith's records ${told(monolith)}, the service's ${told(service)})`,
  };
}
