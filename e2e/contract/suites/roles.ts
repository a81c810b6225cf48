import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ApiRequest, Caller, OperationId } from '../api.ts';
import { NO_SUCH_ID } from '../fixtures.ts';
import type { World } from '../world.ts';

export function rolesSuite(world: () => World): void {
  it('serves each operation to the roles it names, and to no other', async () => {
    const { contract, api, callers, logIn } = world();
    const byRole: Record<string, () => Promise<Caller>> = {
      customer: () => logIn('alice@example.com'),
      agent: () => logIn('agent@meridian.example'),
      accountant: () => logIn('accounts@meridian.example'),
      partner: async () => callers.partner,
    };
    const wrong: string[] = [];
    for (const { id, isPublic, roles, path, method } of contract.operations.values()) {
      for (const [role, caller] of Object.entries(byRole)) {
        // Logging out would end the session of all that follows: a fresh one each time.
        const as = await (id === 'deleteSession' ? caller() : remembered(role, caller));
        const request = {
          as,
          path: path.includes('{id}') ? { id: NO_SUCH_ID } : {},
          ...(method === 'GET' || method === 'DELETE' ? {} : { json: {} }),
        } as ApiRequest;
        const { status } = await api.send(id as OperationId, request);
        if ((status !== 403) !== roles.includes(role)) wrong.push(`${id} answers ${status} to ${role}`);
        if (status === 401) wrong.push(`${id} does not know ${role}`);
      }
      const request = { path: path.includes('{id}') ? { id: NO_SUCH_ID } : {} } as ApiRequest;
      const { status } = await api.send(id as OperationId, request);
      if ((status === 401) === isPublic) wrong.push(`${id} answers ${status} to nobody`);
    }
    assert.deepEqual(wrong, []);
  });
}

const sessions = new Map<string, Promise<Caller>>();

function remembered(role: string, caller: () => Promise<Caller>): Promise<Caller> {
  const known = sessions.get(role) ?? caller();
  sessions.set(role, known);
  return known;
}
