import type { AnyCarveOut } from '../../carve-out/define.ts';
import { isTarget } from '../../config/carve-outs.ts';
import { UsageError } from '../command.ts';
import { loadCarveOuts } from '../load-carve-outs.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type CallTarget = {
  readonly target: string;
  /** The service's full name where the one given was the carve-out's. */
  readonly service?: string;
  /** Name of the carve-out, which is what an identity is for; not known where the target was given. */
  readonly carveOut?: string;
};

/**
 * Where to call: what `--target` says, else the carve-out whose service it is. A carve-out's name stands for its
 * service either way; beside `--target` there need be no configuration.
 */
export async function findTarget(
  given: string | undefined,
  service: string,
  env: Environment,
  folder: string,
): Promise<CallTarget> {
  const givenTarget = given === undefined ? undefined : checked(given, '--target');
  // A name with a dot is a service's own: the configuration has nothing to say of it.
  if (givenTarget !== undefined && service.includes('.')) return { target: givenTarget };
  const carveOuts = await loadCarveOuts(env, folder).catch((error: unknown) => {
    if (givenTarget !== undefined && error instanceof UsageError) return [];
    throw error;
  });
  for (const carveOut of carveOuts) {
    const own = await serviceNameOf(carveOut);
    if (!isOf(service, carveOut.name, own)) continue;
    const target = givenTarget ?? targetOf(carveOut, env);
    if (target === undefined) throw new UsageError(`${carveOut.targetVariable} is not set; or give --target`);
    return { target, carveOut: carveOut.name, ...(service === carveOut.name ? { service: own } : {}) };
  }
  if (givenTarget !== undefined) return { target: givenTarget };
  const names = carveOuts.map(({ name }) => name).join(', ') || 'none';
  throw new UsageError(`${service} is of no carve-out of the configuration (it has ${names}): give --target`);
}

/** All targets that are set, for whoever names no service. */
export async function findTargets(
  given: string | undefined,
  env: Environment,
  folder: string,
): Promise<readonly string[]> {
  if (given !== undefined) return [checked(given, '--target')];
  const carveOuts = await loadCarveOuts(env, folder);
  const targets = carveOuts.flatMap((carveOut) => targetOf(carveOut, env) ?? []);
  if (targets.length > 0) return [...new Set(targets)];
  const variables = carveOuts.map(({ targetVariable }) => targetVariable).join(', ');
  throw new UsageError(`no target is known: give --target${variables && `, or set one of ${variables}`}`);
}

function targetOf({ targetVariable }: AnyCarveOut, env: Environment): string | undefined {
  const text = env[targetVariable];
  return text ? checked(text, targetVariable) : undefined;
}

function checked(target: string, name: string): string {
  if (isTarget(target)) return target;
  throw new UsageError(`${name} must be host:port, dns:///host:port, unix:/path or ipv4:address:port,…`);
}

/** `/billing.v1.BillingService/GetInvoice` is of `billing.v1.BillingService`. */
async function serviceNameOf({ client }: AnyCarveOut): Promise<string> {
  const [method] = Object.values((await client()).service);
  return method?.path.split('/')[1] ?? '';
}

/** Whether a name means a carve-out, its service, or another service of the same package. */
function isOf(name: string, carveOut: string, own: string): boolean {
  const dot = own.lastIndexOf('.');
  return (
    name === carveOut ||
    name === own ||
    name === own.slice(dot + 1) ||
    (dot > 0 && name.slice(0, name.lastIndexOf('.')) === own.slice(0, dot))
  );
}
