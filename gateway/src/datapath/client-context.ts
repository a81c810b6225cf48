import type { Exchange } from './exchange.ts';
import type { HeldTogether } from './held-bytes.ts';
import type { DataPathLimits } from './limits.ts';
import type { Refusal } from './refusal.ts';

/** What all client connections share. */
export type ClientContext = HeldTogether & {
  readonly limits: DataPathLimits;
  readonly now: () => number;
  readonly date: () => string;
  /** Answers tell their clients to close. */
  readonly isDraining: boolean;
  /** Nobody new is accepted, and who is idle has to go. */
  readonly isClosing: boolean;
  handle(exchange: Exchange): void;
  refused(refusal: Refusal): void;
};
