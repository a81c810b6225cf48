import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BanyanConfig, Queue } from '@banyan/gateway/carve-out';
import type { StackCarveOut } from './carve-out.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export const configFileOf = (root: string, env: Environment): string =>
  env.BANYAN_CONFIG ? resolve(env.BANYAN_CONFIG) : join(root, 'banyan.config.ts');

/**
 * What the configuration carves out, as far as the stack can run it: with a data plan, and a service in
 * `extracted/<name>`. The gateway takes others as well; where those run is told by their own variables.
 */
export async function findCarveOuts(root: string, env: Environment): Promise<StackCarveOut[]> {
  const { carveOuts = [] } = await readConfigFile(root, env);
  return carveOuts.flatMap(({ name, targetVariable, dataPlan }) => {
    const folder = join(root, 'extracted', name);
    const program = join(folder, 'src', 'main.ts');
    if (dataPlan === undefined || !existsSync(program)) return [];
    return {
      name,
      plan: dataPlan,
      prefix: name.toUpperCase().replaceAll('-', '_'),
      targetVariable,
      port: readPort(join(folder, 'package.json')),
      program,
      migrations: join(folder, 'migrations'),
    };
  });
}

/** The queues that the configuration names. */
export async function findQueues(root: string, env: Environment): Promise<readonly Queue[]> {
  return (await readConfigFile(root, env)).queues ?? [];
}

async function readConfigFile(root: string, env: Environment): Promise<Partial<BanyanConfig>> {
  if (env.BANYAN_CONFIG === 'none') return {};
  const file = configFileOf(root, env);
  // What is wrong with a configuration that is no module is the gateway's to say, and it says it.
  if (!existsSync(file)) return {};
  const { default: config } = (await import(pathToFileURL(file).href)) as { default?: Partial<BanyanConfig> };
  return config ?? {};
}

/** The port that the service takes unless it is told another: `config.port` of its package. */
function readPort(packageFile: string): number {
  const { config } = JSON.parse(readFileSync(packageFile, 'utf8')) as { config?: { port?: unknown } };
  const port = config?.port;
  if (typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`${packageFile} must give the service's port as config.port`);
}
