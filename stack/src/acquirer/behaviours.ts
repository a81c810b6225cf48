/**
 * What the acquirer does on purpose, so that every outcome of a payment can be had on a developer's machine.
 * The tables of docs/acquirer.md are these; `behaviours.test.ts` compares the two.
 */
export type Behaviour =
  | { kind: 'approve' }
  | { kind: 'decline'; reason: DeclineReason }
  /** Waits, and charges only then: a look-up in between finds nothing, though money will move. */
  | { kind: 'slow'; patience: 'short' | 'long' }
  /** Charges, then drops the connection without an answer. */
  | { kind: 'charge-and-drop' }
  /** Answers 500 and charges nothing. */
  | { kind: 'fail-before' }
  /** As `fail-before`, but only when a key comes for the first time. */
  | { kind: 'fail-first' }
  /** Charges, then answers 500. */
  | { kind: 'fail-after' }
  /** Carries the request out twice under its key and sends both answers down the connection. */
  | { kind: 'answer-twice' }
  /** Drops the connection and charges nothing. */
  | { kind: 'drop' }
  /** Charges nothing and keeps the connection open without an answer. */
  | { kind: 'never-answer' };

export const DECLINE_REASONS = ['insufficient_funds', 'expired_card', 'stolen_card'] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

export type MagicAmount = { cents: string; behaviour: Behaviour };
export type MagicCard = { number: string; charge: Behaviour; refund: Behaviour };

const APPROVE: Behaviour = { kind: 'approve' };

/** By the cents of the amount; for cards that are not in the other table. */
export const MAGIC_AMOUNTS: readonly MagicAmount[] = [
  { cents: '01', behaviour: { kind: 'decline', reason: 'insufficient_funds' } },
  { cents: '02', behaviour: { kind: 'decline', reason: 'expired_card' } },
  { cents: '03', behaviour: { kind: 'decline', reason: 'stolen_card' } },
  { cents: '10', behaviour: { kind: 'slow', patience: 'short' } },
  { cents: '11', behaviour: { kind: 'slow', patience: 'long' } },
  { cents: '12', behaviour: { kind: 'charge-and-drop' } },
  { cents: '13', behaviour: { kind: 'fail-before' } },
  { cents: '14', behaviour: { kind: 'fail-after' } },
  { cents: '15', behaviour: { kind: 'answer-twice' } },
  { cents: '16', behaviour: { kind: 'drop' } },
  { cents: '17', behaviour: { kind: 'never-answer' } },
];

/** A card in this table decides alone, whatever the amount: a booking's price is computed, not chosen. */
export const MAGIC_CARDS: readonly MagicCard[] = [
  { number: '4242424242424242', charge: APPROVE, refund: APPROVE },
  { number: '5555555555554444', charge: APPROVE, refund: APPROVE },
  { number: '378282246310005', charge: APPROVE, refund: APPROVE },
  { number: '4000000000000002', charge: { kind: 'decline', reason: 'insufficient_funds' }, refund: APPROVE },
  { number: '4000000000000069', charge: { kind: 'decline', reason: 'expired_card' }, refund: APPROVE },
  { number: '4000000000009979', charge: { kind: 'decline', reason: 'stolen_card' }, refund: APPROVE },
  { number: '4000000000001000', charge: { kind: 'slow', patience: 'short' }, refund: APPROVE },
  { number: '4000000000001109', charge: { kind: 'slow', patience: 'long' }, refund: APPROVE },
  { number: '4000000000001208', charge: { kind: 'charge-and-drop' }, refund: APPROVE },
  { number: '4000000000001307', charge: { kind: 'fail-before' }, refund: APPROVE },
  { number: '4000000000001406', charge: { kind: 'fail-after' }, refund: APPROVE },
  { number: '4000000000001505', charge: { kind: 'answer-twice' }, refund: APPROVE },
  { number: '4000000000001604', charge: { kind: 'drop' }, refund: APPROVE },
  { number: '4000000000001703', charge: { kind: 'never-answer' }, refund: APPROVE },
  { number: '4000000000005126', charge: APPROVE, refund: { kind: 'decline', reason: 'expired_card' } },
  { number: '4000000000002008', charge: APPROVE, refund: { kind: 'slow', patience: 'long' } },
  { number: '4000000000002107', charge: APPROVE, refund: { kind: 'charge-and-drop' } },
  { number: '4000000000002206', charge: APPROVE, refund: { kind: 'fail-first' } },
];

export function decideCharge(cardNumber: string, amount: string): Behaviour {
  return findCard(cardNumber)?.charge ?? byAmount(amount);
}

/**
 * Decided when the charge is made, since a refund brings no card: the card's own answer, or null for "by the
 * amount of the refund".
 */
export function decideRefunds(cardNumber: string): Behaviour | null {
  return findCard(cardNumber)?.refund ?? null;
}

export function byAmount(amount: string): Behaviour {
  const cents = amount.slice(-2);
  return MAGIC_AMOUNTS.find((magic) => magic.cents === cents)?.behaviour ?? APPROVE;
}

function findCard(number: string): MagicCard | undefined {
  return MAGIC_CARDS.find((card) => card.number === number);
}
