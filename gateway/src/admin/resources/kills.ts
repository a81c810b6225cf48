import type { ApiParts } from '../admin-parts.ts';
import { judgeKill, outcomeOfKill } from '../kill-desk.ts';
import { Refusal } from '../problem.ts';
import type { BodyOf, Reading, Resource, Writing } from '../resource.ts';
import type { Standing } from '../standing.ts';
import { readWrite } from '../write-request.ts';

/** `/kills` and `/kills/{id}/lift`. */
export function createKillRoutes(
  { flags, rollout }: ApiParts,
  standing: () => Standing,
): readonly Resource[] {
  const list: Reading<BodyOf<'listKills'>> = {
    answer: () => ({ body: flags.kills().map((kill) => ({ ...kill })) }),
  };
  const kill: Writing<BodyOf<'kill'>> = async (request) => {
    const { target, author, operationIds } = judgeKill(request, standing());
    const made = await flags.kill(target, author);
    const outcome = outcomeOfKill(operationIds, rollout());
    const noted = { action: 'kill', target, kill: made.id, unmoved: outcome.unmoved.length };
    return { status: 201, body: { kill: { ...made }, ...outcome }, noted };
  };
  const lift: Writing<BodyOf<'liftKill'>> = async (request) => {
    const { author } = readWrite(request, {}, []);
    const id = request.params.id as string;
    const lifted = flags.kills().find((each) => each.id === id);
    if (lifted === undefined) {
      const cut = id.slice(0, 120);
      throw new Refusal('unknown-kill', `No kill ${JSON.stringify(cut)} holds on this replica.`, { id: cut });
    }
    await flags.liftKill(id, author);
    return { body: { ...lifted }, noted: { action: 'lift-kill', target: lifted.target, kill: id } };
  };
  return [
    { path: '/kills', get: list, post: kill },
    { path: '/kills/:id/lift', post: lift },
  ];
}
