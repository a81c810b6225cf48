import type { Author } from '../rollout/flags.ts';
import { legalStages } from '../rollout/legality.ts';
import type { Side } from '../rollout/override.ts';
import type { Route } from '../rollout/routes.ts';
import { legalityOf, whyUnlawful } from './legality-facts.ts';
import { faultOf, oneOf, type Read, type Rule, rule, wholeNumber } from './members.ts';
import { Refusal } from './problem.ts';
import { findReads, type Standing } from './standing.ts';
import { readWrite, type WriteRequest } from './write-request.ts';

/** An override that may be signed. */
export type LawfulOverride = {
  readonly sides: Readonly<Record<string, Side>>;
  readonly account?: string;
  readonly expiresInMs: number;
  readonly author: Author;
};

const SIDES_MAX = 64;
const EXPIRES_SECONDS_MAX = 86_400;
const EXPIRES_SECONDS_DEFAULT = 3_600;

const side = oneOf(['monolith', 'service']);

/** Without a prototype, so that no name means anything else. */
const sides: Rule<Readonly<Record<string, Side>>> = (value, field) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { faults: [faultOf(field, 'must be an object of names and sides', value)] };
  }
  const entries = Object.entries(value);
  if (entries.length > SIDES_MAX) {
    return { faults: [faultOf(field, `must name at most ${SIDES_MAX}`, `${entries.length} names`)] };
  }
  const reads = entries.map(([name, wanted]): [string, Read<Side>] => [
    name,
    side(wanted, `${field}.${name}`),
  ]);
  const faults = reads.flatMap(([, read]) => ('faults' in read ? read.faults : []));
  if (faults.length > 0) return { faults };
  const found: Record<string, Side> = Object.create(null);
  for (const [name, read] of reads) if ('value' in read) found[name] = read.value;
  return { value: found };
};

const RULES = {
  sides,
  account: rule(
    'must be 1 to 200 visible ASCII characters',
    (value): value is string => typeof value === 'string' && /^[!-~]{1,200}$/.test(value),
  ),
  expiresInSeconds: wholeNumber(1, EXPIRES_SECONDS_MAX),
};

/** Judges a wish for an override by what is legal now. Pure; throws the refusal. */
export function judgeOverride(request: WriteRequest, standing: Standing): LawfulOverride {
  const { values, author } = readWrite(request, RULES, ['sides']);
  const { sides: wanted = {}, account, expiresInSeconds = EXPIRES_SECONDS_DEFAULT } = values;
  refuseUnlawful(wanted, standing);
  return {
    sides: wanted,
    ...(account === undefined ? {} : { account }),
    expiresInMs: expiresInSeconds * 1_000,
    author,
  };
}

/** As the audit names an override: its id, and what it asks for. */
export function describeOverride(
  id: string,
  wanted: Readonly<Record<string, Side>>,
  account?: string,
): string {
  const list = Object.entries(wanted).map(([name, to]) => `${name}=${to}`);
  const what = list.length === 0 ? 'proof headers' : list.join(',');
  return `${id}: ${what}${account === undefined ? '' : ` for account ${account}`}`.slice(0, 500);
}

/** The operation wins over its carve-out, so only what remains of the carve-out is judged by its side. */
function refuseUnlawful(wanted: Readonly<Record<string, Side>>, standing: Standing): void {
  const effective = new Map<string, { readonly route: Route; readonly to: Side; readonly isOwn: boolean }>();
  for (const [name, to] of Object.entries(wanted)) {
    for (const route of findReads(name, standing)) {
      const isOwn = route.operationId === name;
      if (isOwn || !effective.get(route.operationId)?.isOwn) {
        effective.set(route.operationId, { route, to, isOwn });
      }
    }
  }
  const unlawful = [...effective.values()].flatMap(({ route, to }) => {
    const legal = legalStages(route.owner, route.data, route.isKilled);
    return legal.includes(to) ? [] : [legalityOf(route, to, legal)];
  });
  const [first] = unlawful;
  if (first === undefined) return;
  const more = unlawful.length === 1 ? '' : ` (and ${unlawful.length - 1} more)`;
  throw new Refusal(
    'unlawful-override',
    `${first.operationId}${more} cannot be answered by the ${first.wanted}: ${whyUnlawful(first)}.`,
    { reads: unlawful },
  );
}
