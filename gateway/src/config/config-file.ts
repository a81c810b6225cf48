import { z } from 'zod';
import { type AnyCarveOut, carveOutFault } from '../carve-out/define.ts';
import { type IdentityAdapter, isIdentityAdapter } from '../carve-out/identity-adapter.ts';
import type { BanyanConfig, Queue } from '../carve-out.ts';
import { type ConfigFault, showValue } from './fault.ts';
import { findQueueFaults } from './queues.ts';
import { monolithUrlFaults } from './variables.ts';

const unbuilt = (what: string) => z.array(z.never(`${what} are not built yet: the list must be empty`));

const configFileSchema = z.strictObject({
  monolith: z.string().superRefine((text, context) => {
    for (const message of monolithUrlFaults(text)) context.addIssue({ code: 'custom', message });
  }),
  contract: z.string().min(1, 'must be the path of an OpenAPI document').optional(),
  matching: z
    .strictObject({
      caseSensitive: z.boolean().default(false),
      trailingSlash: z.enum(['tolerated', 'strict'], 'must be "tolerated" or "strict"').default('tolerated'),
    })
    .default({ caseSensitive: false, trailingSlash: 'tolerated' }),
  identity: z
    .custom<IdentityAdapter>(isIdentityAdapter, 'must be an adapter such as defineIdentity() takes')
    .optional(),
  carveOuts: z
    .array(
      z.custom<AnyCarveOut>().superRefine((value, context) => {
        const fault = carveOutFault(value);
        if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
      }),
    )
    .default([]),
  // Judged beside the schema, which would keep silent about what two of them have in common until each is right.
  queues: z.custom<readonly Queue[]>().default([]),
  views: unbuilt('views').default([]),
}) satisfies z.ZodType<unknown, BanyanConfig>;

export type ConfigFile = z.output<typeof configFileSchema>;

/** The configuration of a file, or all that is wrong with it. */
export type ParsedConfigFile = { readonly file?: ConfigFile; readonly faults: readonly ConfigFault[] };

/** Reads the value that a configuration file exports. */
export function parseConfigFile(exported: unknown, fileName: string): ParsedConfigFile {
  const result = configFileSchema.safeParse(exported);
  const queueFaults = findQueueFaults(
    valueAt(exported, ['queues']),
    namesOf(valueAt(exported, ['carveOuts'])),
    fileName,
  );
  if (result.success)
    return queueFaults.length === 0 ? { file: result.data, faults: [] } : { faults: queueFaults };
  const faults = result.error.issues.flatMap((issue): ConfigFault[] => {
    const at = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        name: `${fileName}: ${at === '' ? key : `${at}.${key}`}`,
        rule: 'is no key of the configuration',
      }));
    }
    const got = valueAt(exported, issue.path);
    const name = at === '' ? fileName : `${fileName}: ${at}`;
    if (got === undefined) return [{ name, rule: at === '' ? 'must export a configuration' : 'is missing' }];
    return [{ name, rule: issue.message, got: showValue(at, got) }];
  });
  return { faults: [...faults, ...queueFaults] };
}

function namesOf(carveOuts: unknown): string[] {
  if (!Array.isArray(carveOuts)) return [];
  return carveOuts.flatMap((each) => valueAt(each, ['name']) ?? []).map(String);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return found;
}
