import type { ParityGateway } from './gateway.ts';

export const ADMIN_TOKEN = 'operator-of-the-parity-run';

/** An operation as the gateway's admin API lists it, as far as it is of use here. */
export type ListedRoute = {
  readonly operationId: string;
  /** Null where the operation is of no carve-out that is active. */
  readonly carveOut: string | null;
  readonly kind: 'read' | 'write' | null;
};

type Admin = Pick<ParityGateway, 'adminPort'>;

export async function listRoutes(gateway: Admin): Promise<readonly ListedRoute[]> {
  const response = await ask(gateway, '/routes');
  return (await response.json()) as ListedRoute[];
}

/** Has a carve-out's service answer its reads. The monolith must not step in: it would hide what is wrong. */
export async function readAtService(gateway: Admin, carveOut: string): Promise<void> {
  const version = (await ask(gateway, '/snapshot')).headers.get('etag') ?? '';
  await ask(gateway, `/carve-outs/${carveOut}`, {
    method: 'PUT',
    headers: { 'If-Match': version, 'Content-Type': 'application/json' },
    body: JSON.stringify({ stage: 'service', fallback: false, reason: 'to be compared with the monolith' }),
  });
}

async function ask({ adminPort }: Admin, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, ...init.headers };
  const response = await fetch(`http://127.0.0.1:${adminPort}/admin/v1${path}`, { ...init, headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}
