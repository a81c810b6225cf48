import { join } from 'node:path';
import { type GatewayProcess, spawnGateway } from '../../support/process.ts';

/** The operator of the tests. */
export const OPERATOR = 'operator-of-the-fleet-tests';
const key = (byte: number) => `k1:${Buffer.alloc(32, byte).toString('base64url')}`;

export type Answered = {
  readonly status: number;
  readonly etag: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: the admin API's own tests hold its answers against its document
  readonly body: any;
};

/** A gateway as a process of its own. */
export type Replica = {
  readonly name: string;
  readonly port: number;
  readonly adminUrl: string;
  readonly process: GatewayProcess;
  readonly dataDir: string;
  /** Asks its admin API as the operator. `version`: for If-Match. */
  admin(method: string, path: string, body?: unknown, version?: number): Promise<Answered>;
  /** When it adopted which versions, by its own log: milliseconds since the epoch, oldest first. */
  adoptions(): readonly Adoption[];
};

export type Adoption = { readonly version: number; readonly atMs: number };

export type ReplicaOptions = {
  readonly name: string;
  readonly redisUrl: string;
  readonly backends: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** Its name among the replicas holds it, so one that comes back by the same port is the same. */
  readonly port?: string;
};

const ADMIN_DEADLINE_MS = 15_000;

export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { name, redisUrl, backends, dataDir, port: wantedPort = '0' } = options;
  const process = spawnGateway({
    ...backends,
    BANYAN_CONFIG: join(import.meta.dirname, 'banyan.config.ts'),
    PORT: wantedPort,
    ADMIN_PORT: '0',
    REDIS_URL: redisUrl,
    BANYAN_DATA_DIR: dataDir,
    BANYAN_ADMIN_TOKEN: OPERATOR,
    BANYAN_IDENTITY_KEYS: key(1),
    BANYAN_OVERRIDE_KEYS: key(2),
  });
  try {
    const { port, adminPort } = (await process.logged('listening')) as { port: number; adminPort: number };
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    return {
      name,
      port,
      adminUrl,
      process,
      dataDir,
      admin: async (method, path, body, version) => {
        const answer = await fetch(`${adminUrl}/admin/v1${path}`, {
          method,
          headers: {
            Authorization: `Bearer ${OPERATOR}`,
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
            ...(version === undefined ? {} : { 'If-Match': `"${version}"` }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(ADMIN_DEADLINE_MS),
        });
        return { status: answer.status, etag: answer.headers.get('etag'), body: await answer.json() };
      },
      adoptions: () =>
        process
          .stdout()
          .split('\n')
          .filter((line) => line.includes('"msg":"flags"') && line.endsWith('}'))
          .map((line) => JSON.parse(line) as { version: number; time: string })
          .map(({ version, time }) => ({ version, atMs: Date.parse(time) })),
    };
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}
