import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, decideUncarved, NO_FACTS, type Verdict } from './decision.ts';
import type { Override } from './override.ts';
import { compileRoutes } from './routes.ts';
import type { Flag } from './snapshot.ts';
import { INITIAL_SNAPSHOT } from './snapshot.ts';
import { OWNERS, SERVICE_DATA, STAGES } from './stage.ts';
import { bucketOf } from './stickiness.ts';

/**
 * What becomes of a request, by everything that has a say: the first row that fits. `*` is anything. `side` is
 * what an override names; `bound` ones hold for the account that is `inside`, and `bound` alone names nothing of it. `+` after an answer by the service: the
 * monolith may answer in its place, where the flag allows it.
 */
const TABLE = `
kind  owner    data            killed side                     stage    account   | outcome
write *        *               *      bound,bound-monolith,bound-service * not-asked | ask-account
write *        *               *      bound,bound-monolith,bound-service * outside   | refuse-override other-account
*     unknown  *               *      bound,bound-monolith,bound-service * not-asked | ask-account
*     unknown  *               *      bound,bound-monolith,bound-service * outside   | refuse-override other-account
read  *        *               *      bound                   *        not-asked | ask-account
read  *        *               *      bound                   *        outside   | refuse-override other-account
*     unknown  *               *      *                        *        *         | refuse billing owner-unknown
write nobody   *               *      *                        *        *         | refuse billing owner-nobody
write monolith *               *      *                        *        *         | forward monolith owner-monolith
write service  *               *      *                        *        *         | translate billing owner-service
read  nobody   *               *      none,bound               *        *         | refuse billing owner-nobody
read  nobody   *               *      *                        *        *         | refuse-override unlawful
read  service  *               *      none,bound               *        *         | translate billing owner-service
read  service  *               *      monolith,bound-monolith  *        *         | refuse-override unlawful
read  service  *               *      service                  *        *         | translate billing override-service
read  service  *               *      bound-service            *        not-asked | ask-account
read  service  *               *      bound-service            *        inside    | translate billing override-service
read  service  *               *      bound-service            *        *         | refuse-override other-account
read  monolith *               *      monolith                 *        *         | forward monolith override-monolith
read  monolith *               *      bound-monolith           *        not-asked | ask-account
read  monolith *               *      bound-monolith           *        inside    | forward monolith override-monolith
read  monolith *               *      bound-monolith           *        *         | refuse-override other-account
read  monolith none            *      service,bound-service    *        *         | refuse-override unlawful
read  monolith shared,followed yes    service,bound-service    *        *         | refuse-override killed
read  monolith shared,followed no     service                  *        *         | translate billing override-service +
read  monolith shared,followed no     bound-service            *        not-asked | ask-account
read  monolith shared,followed no     bound-service            *        inside    | translate billing override-service +
read  monolith shared,followed no     bound-service            *        *         | refuse-override other-account
read  monolith *               yes    none,bound               *        *         | forward monolith killed
read  monolith none            no     none,bound               *        *         | forward monolith stage-monolith
read  monolith shared,followed no     none,bound               monolith *         | forward monolith stage-monolith
read  monolith shared,followed no     none,bound               shadow   *         | forward monolith stage-shadow 12.5 %
read  monolith shared,followed no     none,bound               canary   not-asked | ask-account
read  monolith shared,followed no     none,bound               canary   missing   | forward monolith canary-no-account
read  monolith shared,followed no     none,bound               canary   inside    | translate billing canary-in +
read  monolith shared,followed no     none,bound               canary   outside   | forward monolith canary-out
read  monolith shared,followed no     none,bound               service  *         | translate billing stage-service +
`;

const GET_INVOICE = { operationId: 'getInvoice', method: 'GET', path: '/i' } as const;
const WEIGHT_PERCENT = 40;

const ACCOUNTS: Readonly<Record<string, string | null | undefined>> = {
  'not-asked': undefined,
  missing: null,
  inside: accountWhere((bucket) => bucket < 40_000),
  outside: accountWhere((bucket) => bucket >= 40_000),
};

/** By what each is called in the table; several that come to the same. */
const OVERRIDES: readonly (readonly [side: string, override: Override | undefined])[] = [
  ['none', undefined],
  ['none', overrideOf({})],
  ['none', overrideOf({ getBooking: 'service', booking: 'monolith' })],
  [
    'bound',
    overrideOf(
      { getBooking: 'service' },
      accountWhere((bucket) => bucket < 40_000),
    ),
  ],
  ...(['monolith', 'service'] as const).flatMap((side) => {
    const other = side === 'monolith' ? 'service' : 'monolith';
    const bound = ACCOUNTS.inside as string;
    return [
      [side, overrideOf({ getInvoice: side })],
      [side, overrideOf({ billing: side })],
      [side, overrideOf({ getInvoice: side, billing: other })],
      [`bound-${side}`, overrideOf({ billing: side }, bound)],
    ] as const;
  }),
];
const KILLS: readonly (readonly [killed: string, targets: readonly string[]])[] = [
  ['no', []],
  ['no', ['getBooking', 'booking']],
  ['yes', ['getInvoice']],
  ['yes', ['billing']],
  ['yes', ['*']],
];

describe('a decision', () => {
  it('is the one of the table for every stage, kind, owner, data, override, kill and account', () => {
    const rows = readTable(TABLE);
    const used = new Set<Row>();
    let count = 0;
    for (const each of everyCase()) {
      const row = rows.find(({ fits }) => fits.every((names, at) => names.has(each.columns[at] as string)));
      assert.ok(row, `no row for ${each.columns.join(' ')}`);
      used.add(row);
      const expected = each.fallback ? row.outcome : row.outcome.replace(' +', '');
      assert.equal(show(each.verdict), expected, each.columns.join(' '));
      count += 1;
    }
    assert.equal(count, 2 * 4 * 3 * 5 * 12 * 4 * 4 * 2);
    assert.deepEqual(
      rows.filter((row) => !used.has(row)).map(({ outcome }) => outcome),
      [],
      'rows that no case reaches',
    );
  });

  it('asks nobody who they are at weight 0', () => {
    const facts = { override: undefined, account: undefined };
    const route = routeWith({ stage: 'canary', weightPercent: 0, fallback: true });
    assert.equal(show(decide(GET_INVOICE, route, facts)), 'forward monolith canary-out');
    assert.equal(decide(GET_INVOICE, route, { ...facts, account: ACCOUNTS.inside }), route.decision);
  });

  it('samples all of a shadowed read that names no percentage', () => {
    const route = routeWith({ stage: 'shadow', fallback: true });
    assert.equal(show(decide(GET_INVOICE, route, NO_FACTS)), 'forward monolith stage-shadow 100 %');
  });

  it('leaves what is no operation, or of no active carve-out, with the monolith', () => {
    assert.equal(show(decide(undefined, undefined, NO_FACTS)), 'forward monolith no-operation');
    assert.equal(show(decide(GET_INVOICE, undefined, NO_FACTS)), 'forward monolith stage-monolith');
    assert.equal(decide(GET_INVOICE, undefined, NO_FACTS), decideUncarved(GET_INVOICE));
  });

  it('goes to no service that is not there: what no active carve-out takes is the monolith’s or refused', () => {
    const outcomeOf = (sides: Override['sides'], declaredBy?: string) =>
      show(decide(GET_INVOICE, undefined, { override: overrideOf(sides), account: undefined, declaredBy }));
    const toMonolith = 'forward monolith stage-monolith';
    assert.equal(outcomeOf({ getInvoice: 'service' }), 'refuse-override inactive');
    assert.equal(outcomeOf({ billing: 'service' }, 'billing'), 'refuse-override inactive');
    assert.equal(outcomeOf({ billing: 'service' }), toMonolith);
    assert.equal(outcomeOf({ billing: 'service', getInvoice: 'monolith' }, 'billing'), toMonolith);
    assert.equal(outcomeOf({ billing: 'monolith' }, 'billing'), toMonolith);
    assert.equal(outcomeOf({ booking: 'service', getBooking: 'service' }, 'billing'), toMonolith);
  });

  it('is only for the account that an override is bound to, where nothing is carved out too', () => {
    for (const operation of [undefined, GET_INVOICE]) {
      const to = (account: string | null | undefined, sides: Override['sides'] = {}) =>
        decide(operation, undefined, { override: overrideOf(sides, '7'), account });
      assert.equal(show(to(undefined)), 'ask-account');
      assert.equal(show(to('8')), 'refuse-override other-account');
      assert.equal(to('7'), decideUncarved(operation));
      assert.equal(to(null), decideUncarved(operation));
    }
    const pinned = { override: overrideOf({ getInvoice: 'monolith' }, '7'), account: null };
    assert.equal(show(decide(GET_INVOICE, undefined, pinned)), 'refuse-override other-account');
  });

  it('is made once and shared: two of a kind are the same object, which nobody can change', () => {
    for (const stage of STAGES) {
      const route = routeWith({ stage, fallback: true, weightPercent: WEIGHT_PERCENT });
      for (const account of Object.values(ACCOUNTS)) {
        const verdict = decide(GET_INVOICE, route, { override: undefined, account });
        assert.equal(verdict, decide(GET_INVOICE, route, { override: undefined, account }));
        assert.ok(Object.isFrozen(verdict));
      }
    }
  });

  it('is not misled by names that every object has', () => {
    const operation = { operationId: 'constructor', method: 'GET', path: '/c' } as const;
    const carved = { operationId: 'constructor', carveOut: 'valueOf', aggregate: 'a', kind: 'read' } as const;
    const facts = { override: overrideOf({}), account: null };
    const owned = { owner: 'monolith', data: 'shared' } as const;
    const { routeOf } = compileRoutes([carved], () => owned, INITIAL_SNAPSHOT, []);
    assert.equal(show(decide(operation, routeOf('constructor'), facts)), 'forward monolith stage-monolith');
    assert.equal(routeOf('toString'), undefined);
  });
});

type Row = { readonly fits: readonly { has(name: string): boolean }[]; readonly outcome: string };

function readTable(text: string): Row[] {
  const [, ...rows] = text.trim().split('\n');
  return rows.map((row) => {
    const [columns = '', outcome = ''] = row.split('|');
    const fits = columns
      .trim()
      .split(/\s+/)
      .map((names) => (names === '*' ? { has: () => true } : new Set(names.split(','))));
    return { fits, outcome: outcome.trim() };
  });
}

function* everyCase() {
  for (const kind of ['read', 'write'] as const)
    for (const owner of [...OWNERS, 'unknown'] as const)
      for (const data of SERVICE_DATA)
        for (const [killed, targets] of KILLS)
          for (const stage of STAGES)
            for (const fallback of [true, false]) {
              const flag: Flag = { stage, fallback, weightPercent: WEIGHT_PERCENT, samplePercent: 12.5 };
              const route = routeWith(flag, { kind, owner, data, targets });
              for (const [side, override] of OVERRIDES)
                for (const [account, value] of Object.entries(ACCOUNTS)) {
                  const verdict = decide(GET_INVOICE, route, { override, account: value });
                  const columns = [kind, owner, data, killed, side, stage, account];
                  yield { columns, fallback, verdict };
                }
            }
}

function routeWith(
  flag: Flag,
  {
    kind = 'read' as 'read' | 'write',
    owner = 'monolith' as (typeof OWNERS)[number] | 'unknown',
    data = 'shared' as (typeof SERVICE_DATA)[number],
    targets = [] as readonly string[],
  } = {},
) {
  const snapshot = { ...INITIAL_SNAPSHOT, flags: { getInvoice: flag } };
  const carved = { operationId: 'getInvoice', carveOut: 'billing', aggregate: 'billing', kind };
  const kills = targets.map((target) => ({ target }));
  const facts = owner === 'unknown' ? undefined : { owner, data };
  const route = compileRoutes([carved], () => facts, snapshot, kills).routeOf('getInvoice');
  assert.ok(route);
  return route;
}

function show(verdict: Verdict): string {
  if (verdict.action === 'ask-account') return verdict.action;
  if (verdict.action === 'refuse-override') return `${verdict.action} ${verdict.why}`;
  const { action, backend, reason, mayFallBack, samplePercent } = verdict;
  const sampled = samplePercent > 0 ? ` ${samplePercent} %` : '';
  return `${action} ${backend} ${reason}${mayFallBack ? ' +' : ''}${sampled}`;
}

function overrideOf(sides: Override['sides'], account?: string): Override {
  return { id: '1', sides, expiresAtMs: 0, ...(account !== undefined && { account }) };
}

function accountWhere(isWanted: (bucket: number) => boolean): string {
  for (let id = 1; ; id += 1) if (isWanted(bucketOf('billing', String(id)))) return String(id);
}
