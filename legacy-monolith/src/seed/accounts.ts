import type { Role } from '../auth/guards.ts';
import { plusMs, wallClock } from '../clock.ts';
import { personName } from './names.ts';
import type { Prng } from './prng.ts';

export const DEMO_PASSWORD = 'meridian';

export const DEMO_API_KEYS = [
  { accountId: 5, key: 'mk_demo_globetrotter_0001', label: 'Globetrotter production' },
  { accountId: 6, key: 'mk_demo_skyways_0002', label: 'Skyways production' },
] as const;

export type SeedAccount = {
  id: number;
  email: string;
  name: string;
  role: Role;
  phone: string | null;
  address: string | null;
  newsletter: 'Y' | 'N';
  miles: number;
  createdAt: string;
};

const DEMO: readonly Pick<SeedAccount, 'email' | 'name' | 'role'>[] = [
  { email: 'alice@example.com', name: 'Alice Martin', role: 'customer' },
  { email: 'bob@example.com', name: 'Bob Ødegård', role: 'customer' },
  { email: 'agent@meridian.example', name: 'Agnes Brown', role: 'agent' },
  { email: 'accounts@meridian.example', name: 'Arthur Clarke', role: 'accountant' },
  { email: 'partner@globetrotter.example', name: 'Globetrotter Travel', role: 'partner' },
  { email: 'partner@skyways.example', name: 'Skyways Tours', role: 'partner' },
];

const STREETS = ['High Street', 'Rua Augusta', 'Hauptstraße', 'Rue de la Gare', 'Calle Mayor', 'Οδός Ερμού'];
const DAY_MS = 86_400_000;
const EPOCH = new Date('2014-03-01T09:00:00Z');

/** The six demo accounts with ids 1 to 6, then customers. */
export function seedAccounts(prng: Prng, count: number, seedAt: Date): SeedAccount[] {
  const daysOpen = Math.floor((seedAt.getTime() - EPOCH.getTime()) / DAY_MS);
  return Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    const demo = DEMO[index];
    const { first, last } = personName(prng);
    const openedDays = demo ? id : Math.floor((daysOpen * index) / count);
    const withAddress = prng.chance(0.5);
    const street = `${prng.int(1, 240)} ${prng.pick(STREETS)}`;
    return {
      id,
      email: demo?.email ?? `user${String(id).padStart(4, '0')}@example.com`,
      name: demo?.name ?? `${first} ${last}`,
      role: demo?.role ?? 'customer',
      phone: prng.chance(0.6) ? `+44 20 7946 ${String(prng.int(0, 999)).padStart(4, '0')}` : null,
      address: withAddress ? street : null,
      newsletter: prng.chance(0.4) ? 'Y' : 'N',
      miles: prng.chance(0.7) ? prng.int(0, 180_000) : 0,
      createdAt: wallClock(plusMs(EPOCH, openedDays * DAY_MS + prng.int(0, 36_000) * 1000)),
    };
  });
}
