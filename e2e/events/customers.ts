import { setTimeout as pause } from 'node:timers/promises';
import type { Shop } from './shop.ts';

export type Random = () => number;

/** What a client was promised by an answer, and what it asked for without learning what came of it. */
export type Order = {
  readonly bookingId: number;
  readonly fareClass: 'SAVER' | 'CLASSIC' | 'FLEX';
  isPaid: boolean;
  isDeclined: boolean;
  isCancelled: boolean;
  /** Of a request that was answered with a failure, or not at all. */
  mayBePaid: boolean;
  mayBeCancelled: boolean;
};

export type Trade = {
  readonly orders: readonly Order[];
  /** Requests by what was said to them. */
  readonly said: Readonly<Record<string, number>>;
  stop(): Promise<void>;
};

const FARES = ['SAVER', 'CLASSIC', 'FLEX'] as const;
/** docs/acquirer.md. Those whose outcome only time tells (nothing in the ledger for half a minute) are for long runs. */
const CARDS = [
  '4242424242424242',
  '4242424242424242',
  '5555555555554444',
  '4000000000000002', // declined
  '4000000000001208', // charged, and no answer
  '4000000000001307', // fails before
  '4000000000001406', // fails after
  '4000000000001505', // answers twice
] as const;
const STALLING_CARDS = [
  '4000000000001000',
  '4000000000001109',
  '4000000000001604',
  '4000000000001703',
] as const;

/** Clients who place, pay and cancel, each one thing after the other, until they are told to stop. */
export function startTrade(
  shops: readonly Shop[],
  options: { readonly flights: readonly number[]; readonly random: Random; readonly isLong: boolean },
): Trade {
  const { flights, random, isLong } = options;
  const orders: Order[] = [];
  const said: Record<string, number> = {};
  let isOver = false;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const cards = isLong ? [...CARDS, ...STALLING_CARDS] : CARDS;
  const count = (what: string): void => {
    said[what] = (said[what] ?? 0) + 1;
  };

  const cancel = async (shop: Shop, order: Order): Promise<void> => {
    order.mayBeCancelled = true;
    const answer = await shop.cancel(order.bookingId);
    count(answer.kind === 'silent' ? 'cancel: no answer' : `cancel: ${answer.status}`);
    if (answer.kind === 'answered' && answer.status === 200) order.isCancelled = true;
    // What was refused was not done.
    else if (answer.kind === 'answered' && answer.status < 500) order.mayBeCancelled = false;
  };
  const pay = async (shop: Shop, order: Order): Promise<void> => {
    const invoice = await shop.invoiceOf(order.bookingId);
    if (invoice.kind === 'silent' || invoice.status !== 200) return;
    order.mayBePaid = true;
    const answer = await shop.pay(invoice.body.id, pick(cards));
    if (answer.kind === 'silent') return count('pay: no answer');
    count(answer.status === 200 ? `pay: ${answer.body.result}` : `pay: ${answer.status}`);
    if (answer.status !== 200) return;
    if (answer.body.result === 'APPROVED') order.isPaid = true;
    else order.isDeclined = true;
  };
  const customer = async (shop: Shop): Promise<void> => {
    while (!isOver) {
      const fareClass = pick(FARES);
      const answer = await shop.place({ flightId: pick(flights), fareClass });
      count(answer.kind === 'silent' ? 'place: no answer' : `place: ${answer.status}`);
      if (answer.kind === 'silent' || answer.status !== 201) {
        await pause(50);
        continue;
      }
      const order: Order = {
        bookingId: answer.body.id,
        fareClass,
        isPaid: false,
        isDeclined: false,
        isCancelled: false,
        mayBePaid: false,
        mayBeCancelled: false,
      };
      orders.push(order);
      const wish = random();
      if (wish < 0.15) continue;
      if (wish < 0.3) await cancel(shop, order);
      else if (wish < 0.55) await Promise.all([pay(shop, order), cancel(shop, order)]);
      else {
        await pay(shop, order);
        if (wish < 0.75) await cancel(shop, order);
      }
    }
  };
  const running = Promise.all(shops.map(customer));
  return {
    orders,
    said,
    async stop() {
      isOver = true;
      await running;
    },
  };
}
