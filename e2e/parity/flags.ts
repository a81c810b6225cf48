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
export function readAtService(gateway: Admin, carveOut: string): Promise<void> {
  return setReads(gateway, carveOut, {
    stage: 'service',
    fallback: false,
    reason: 'to be compared with the monolith',
  });
}

/** Has the gateway ask a carve-out's service aside what the monolith answers. */
export function readAtShadow(gateway: Admin, carveOut: string): Promise<void> {
  return setReads(gateway, carveOut, { stage: 'shadow', reason: 'to be compared by the gateway' });
}

/** What the gateway has found of one read at `shadow`. */
export type ReadDifferences = {
  readonly operationId: string;
  readonly compared: number;
  readonly different: number;
  readonly unrepeated: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly differences: readonly unknown[];
};

export async function readDifferences(gateway: Admin, operationId: string): Promise<ReadDifferences> {
  return (await (await ask(gateway, `/differences/${operationId}`)).json()) as ReadDifferences;
}

async function setReads(
  gateway: Admin,
  carveOut: string,
  flag: Readonly<Record<string, unknown>>,
): Promise<void> {
  const version = (await ask(gateway, '/snapshot')).headers.get('etag') ?? '';
  await ask(gateway, `/carve-outs/${carveOut}`, {
    method: 'PUT',
    headers: { 'If-Match': version, 'Content-Type': 'application/json' },
    body: JSON.stringify(flag),
  });
}

async function ask({ adminPort }: Admin, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, ...init.headers };
  const response = await fetch(`http://127.0.0.1:${adminPort}/admin/v1${path}`, { ...init, headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}
