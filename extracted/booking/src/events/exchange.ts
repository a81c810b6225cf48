import type { BookingParts } from '../bookings/parts.ts';

/** How others hear of bookings, and booking of others. */
export type EventExchange = {
  /** Waits a little until events that were just committed are taken. */
  readonly tell: BookingParts['tell'];
  readonly catchUp: BookingParts['catchUp'];
  /** Once the tables are there. */
  start(): Promise<void>;
  /** Whether booking may take events: they are its owner's. */
  setTaking(isTaking: boolean): void;
  /** Lets what is in hand end, within a limit. */
  stop(): Promise<void>;
};
