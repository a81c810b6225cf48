import { type Admin, dataOf } from '../admin/client.ts';
import { AdminRefusal } from '../admin/refusal.ts';
import type { Kill, Killed } from '../admin/types.ts';

/** What became of it at one replica. */
export type Outcome =
  | {
      readonly kind: 'done';
      readonly url: string;
      readonly killed?: Killed;
      readonly lifted?: readonly Kill[];
      readonly kills?: readonly Kill[];
    }
  | { readonly kind: 'failed'; readonly url: string; readonly message: string; readonly refused?: unknown };

/** At all of them at once: one that is away keeps no other waiting. */
async function atEach(
  admins: readonly Admin[],
  work: (admin: Admin) => Promise<Omit<Outcome & { kind: 'done' }, 'kind' | 'url'>>,
): Promise<readonly Outcome[]> {
  return Promise.all(
    admins.map(async (admin): Promise<Outcome> => {
      const { url } = admin;
      try {
        return { kind: 'done', url, ...(await work(admin)) };
      } catch (error) {
        const { message } = error as Error;
        if (error instanceof AdminRefusal) {
          return { kind: 'failed', url, message, refused: error.problem.body };
        }
        return { kind: 'failed', url, message };
      }
    }),
  );
}

export function killEach(admins: readonly Admin[], target: string, reason: string) {
  return atEach(admins, async ({ api }) => ({
    killed: dataOf(await api.POST('/kills', { body: { target, reason } })),
  }));
}

export function listEach(admins: readonly Admin[]) {
  return atEach(admins, async ({ api }) => ({ kills: dataOf(await api.GET('/kills')) }));
}

/**
 * Lifts, at each replica, its kill of that id, those of that target, or all. An id is of one replica: that the others
 * do not have it is no failure, that none has is one.
 */
export async function liftEach(
  admins: readonly Admin[],
  which: string,
  reason: string,
): Promise<readonly Outcome[]> {
  const outcomes = await atEach(admins, async ({ api }) => {
    const kills = dataOf(await api.GET('/kills'));
    const chosen = kills.filter(({ id, target }) =>
      which === 'all' ? true : id === which || target === which,
    );
    for (const { id } of chosen) {
      dataOf(await api.POST('/kills/{id}/lift', { params: { path: { id } }, body: { reason } }));
    }
    return { lifted: chosen };
  });
  const hasLifted = outcomes.some((each) => each.kind === 'done' && (each.lifted ?? []).length > 0);
  if (hasLifted || which === 'all') return outcomes;
  return outcomes.map((each): Outcome => {
    if (each.kind === 'failed') return each;
    const message = `nothing is killed under ${JSON.stringify(which)}: \`banyan kill --list\` shows what is`;
    return { kind: 'failed', url: each.url, message };
  });
}

/** For scripts. */
export function asOutcome(outcome: Outcome): unknown {
  if (outcome.kind === 'done') {
    const { kind: _kind, ...said } = outcome;
    return said;
  }
  const { url, message, refused } = outcome;
  return refused === undefined ? { url, error: message } : { url, refused };
}
