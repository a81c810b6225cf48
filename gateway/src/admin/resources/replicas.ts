import type { ApiParts } from '../admin-parts.ts';
import { describeFlags } from '../flags-status.ts';
import type { BodyOf, Reading, Resource } from '../resource.ts';

/** `/replicas`. */
export function createReplicaRoutes({ flags, rollout, status }: ApiParts): readonly Resource[] {
  const list: Reading<BodyOf<'listReplicas'>> = {
    answer: async () => {
      const { replicas } = await flags.replicas();
      const asked = status ? describeFlags(status(), rollout()) : null;
      return { body: { asked, replicas: replicas.map((each) => ({ ...each })) } };
    },
  };
  return [{ path: '/replicas', get: list }];
}
