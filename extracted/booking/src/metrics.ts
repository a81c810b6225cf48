import type { Metrics } from '@banyan/service-kit/metrics';
import { Counter, Gauge } from 'prom-client';
import type { CopyName } from './directory/copies.ts';
import type { FactSource } from './directory/facts.ts';
import type { CopyAge } from './directory/refresher.ts';

export type BookingMetrics = {
  onFact(fact: 'flight' | 'account', source: FactSource): void;
  onExpired(count: number): void;
  watchCopies(age: CopyAge, names: readonly CopyName[]): void;
  watchSeatWatchers(count: () => number): void;
};

export function createBookingMetrics({ registry }: Metrics): BookingMetrics {
  const registers = [registry];
  const facts = new Counter({
    name: 'booking_facts_total',
    help: 'Facts of other contexts that a booking was made by, and whether the directory said them or the copy.',
    labelNames: ['fact', 'source'] as const,
    registers,
  });
  const expired = new Counter({
    name: 'booking_holds_expired_total',
    help: 'Holds that were over and ended by this process.',
    registers,
  });
  return {
    onFact: (fact, source) => facts.inc({ fact, source }),
    onExpired: (count) => expired.inc(count),
    watchCopies(age, names) {
      new Gauge({
        name: 'booking_copy_age_seconds',
        help: 'Since a copy of the directory was last seen to have everything; -1 before the first time.',
        labelNames: ['copy'] as const,
        registers,
        collect() {
          for (const name of names) {
            const ageMs = age.ageMs(name);
            this.set({ copy: name }, ageMs === null ? -1 : ageMs / 1_000);
          }
        },
      });
    },
    watchSeatWatchers(count) {
      new Gauge({
        name: 'booking_seat_watchers',
        help: 'Streams of seat changes that are open.',
        registers,
        collect() {
          this.set(count());
        },
      });
    },
  };
}
