/** Who sits before the browser. `rival` is a second customer, who wants the same seat. */
export const VISITORS = ['nobody', 'customer', 'rival', 'agent', 'accountant'] as const;
export type Visitor = (typeof VISITORS)[number];

export type Account = Readonly<{ id: number; email: string; password: string }>;
export type Accounts = Readonly<Record<Exclude<Visitor, 'nobody'>, Account>>;

const PASSWORD = 'meridian';
/** Seeded customers without a name of their own are user0007 to user0030, in the smallest seed too. */
const FIRST = 7;
const LAST = 30;
const PROJECTS = ['gateway', 'direct', 'overrides'];
const WORKERS_MAX = (LAST - FIRST + 1) / PROJECTS.length / 2;

/**
 * The accounts of one worker: two customers that no other worker has, of whichever project. Agent and accountant
 * exist once; their journeys touch only what the worker's own customers have booked.
 */
export function accountsOf(project: string, parallelIndex: number): Accounts {
  const projectIndex = PROJECTS.indexOf(project);
  if (projectIndex === -1) throw new Error(`there are no accounts for a project ${project}`);
  if (parallelIndex >= WORKERS_MAX) {
    throw new Error(`there are accounts for ${WORKERS_MAX} workers at once, not for one more`);
  }
  const own = FIRST + 2 * (projectIndex * WORKERS_MAX + parallelIndex);
  return {
    customer: customer(own),
    rival: customer(own + 1),
    agent: { id: 3, email: 'agent@meridian.example', password: PASSWORD },
    accountant: { id: 4, email: 'accounts@meridian.example', password: PASSWORD },
  };
}

function customer(id: number): Account {
  return { id, email: `user${String(id).padStart(4, '0')}@example.com`, password: PASSWORD };
}

export const PARTNER = {
  email: 'partner@globetrotter.example',
  apiKey: 'mk_demo_globetrotter_0001',
} as const;
