import type { DataPlan } from '../../carve-out/data-plan.ts';
import { UsageError } from '../command.ts';
import { loadCarveOuts } from '../load-carve-outs.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The data plan of a carve-out, as the configuration file has it. */
export async function findPlan(name: string, env: Environment, folder: string): Promise<DataPlan> {
  const carveOuts = await loadCarveOuts(env, folder);
  const found = carveOuts.find((carveOut) => carveOut.name === name);
  if (found === undefined) {
    const names = carveOuts.map((carveOut) => carveOut.name).join(', ') || 'none';
    throw new UsageError(`the configuration has no carve-out ${name} (it has ${names})`);
  }
  if (found.dataPlan === undefined) throw new UsageError(`the carve-out ${name} has no data plan`);
  return found.dataPlan;
}

/** `billing` is `BILLING_DATABASE_URL`. */
export const databaseVariable = (name: string): string =>
  `${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_DATABASE_URL`;

export function findDatabases(name: string, env: Environment): { monolithUrl: string; serviceUrl: string } {
  const variables = [databaseVariable('monolith'), databaseVariable(name)];
  const [monolithUrl = '', serviceUrl = ''] = variables.map((variable) => env[variable] ?? '');
  const missing = variables.filter((variable) => !env[variable]);
  if (missing.length > 0) throw new UsageError(`${missing.join(' and ')} must be set`);
  return { monolithUrl, serviceUrl };
}
