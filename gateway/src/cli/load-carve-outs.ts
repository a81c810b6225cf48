import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyCarveOut } from '../carve-out/define.ts';
import { UsageError } from './command.ts';

/** The carve-outs of the configuration file. */
export async function loadCarveOuts(
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<readonly AnyCarveOut[]> {
  const file = env.BANYAN_CONFIG || 'banyan.config.ts';
  const path = resolve(folder, file);
  if (!existsSync(path)) {
    throw new UsageError(`there is no ${path}: call it where the configuration is, or set BANYAN_CONFIG`);
  }
  const { default: config } = (await import(pathToFileURL(path).href)) as {
    default?: { carveOuts?: readonly AnyCarveOut[] };
  };
  return config?.carveOuts ?? [];
}
