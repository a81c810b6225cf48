import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatedProcess, startDated } from './dated-process.ts';
import type { Undo } from './monolith.ts';

export type ParityGateway = Pick<DatedProcess, 'lines' | 'setTime'> & {
  readonly port: number;
  readonly adminPort: number;
};

/** The gateway as it is run, a process of its own; `build` is the root of another build. */
export async function startGateway(
  options: {
    readonly monolithUrl: string;
    readonly now: Date;
    readonly env: Readonly<Record<string, string>>;
    readonly build?: string | undefined;
  },
  undo: Undo,
): Promise<ParityGateway> {
  const { monolithUrl, now, env, build } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'banyan-parity-'));
  undo.push(() => rm(dataDir, { recursive: true, force: true }));
  const { listening, lines, setTime } = await startDated(
    {
      program: 'gateway/src/main.ts',
      build,
      now,
      env: {
        PORT: '0',
        ADMIN_PORT: '0',
        MONOLITH_URL: monolithUrl,
        BANYAN_CONFIG: 'banyan.config.ts',
        BANYAN_DATA_DIR: dataDir,
        ...env,
      },
    },
    undo,
  );
  return { port: Number(listening.port), adminPort: Number(listening.adminPort), lines, setTime };
}
