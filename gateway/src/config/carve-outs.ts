import type { AnyCarveOut } from '../carve-out/define.ts';
import type { Operation } from '../routing/operation.ts';
import { type ConfigFault, showValue } from './fault.ts';

export type CarveOutTarget = { readonly carveOut: AnyCarveOut; readonly target: string };

/** Reads the targets that the environment gives; without one a carve-out is inactive. */
export function readTargets(
  carveOuts: readonly AnyCarveOut[],
  env: Readonly<Record<string, string | undefined>>,
): { readonly targets: readonly CarveOutTarget[]; readonly faults: readonly ConfigFault[] } {
  const targets: CarveOutTarget[] = [];
  const faults: ConfigFault[] = [];
  for (const carveOut of carveOuts) {
    const { targetVariable: name } = carveOut;
    const target = env[name];
    if (!target) continue;
    if (isTarget(target)) targets.push({ carveOut, target });
    else {
      faults.push({
        name,
        rule: 'must be host:port, dns:///host:port, unix:/path, or ipv4:address:port with more behind commas',
        got: showValue(name, target),
      });
    }
  }
  return { targets, faults };
}

export function isTarget(text: string): boolean {
  if (/^unix:\S+$/.test(text)) return true;
  const hosts = text.replace(/^(dns:(\/\/[^/]*\/)?|ipv[46]:)/, '').split(',');
  const isMany = /^ipv[46]:/.test(text) || hosts.length === 1;
  return isMany && hosts.every((host) => /^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+):\d{1,5}$/.test(host));
}

/** What is wrong with the carve-outs together, and with what they take over. */
export function findCarveOutFaults(
  carveOuts: readonly AnyCarveOut[],
  configFile: string,
  operations: readonly Operation[] | undefined,
): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const takenBy = new Map<string, string>();
  const names = new Set<string>();
  const ownPaths = new Map<string, string>();
  for (const [index, { name, operations: taken, bff = {} }] of carveOuts.entries()) {
    const at = `${configFile}: carveOuts.${index} (${name})`;
    if (names.has(name)) faults.push({ name: at, rule: 'must have a name of its own' });
    names.add(name);
    for (const operationId of Object.keys(taken)) {
      const other = takenBy.get(operationId);
      if (other !== undefined)
        faults.push({ name: at, rule: `must not take ${operationId}, which ${other} has` });
      takenBy.set(operationId, name);
      if (!operations?.some((operation) => operation.operationId === operationId)) {
        faults.push({ name: at, rule: `takes ${operationId}, which the contract does not have` });
      }
    }
    for (const [operationId, { path }] of Object.entries(bff)) {
      const shape = path.replaceAll(/\{[^{}]*\}/g, '{}');
      const other = ownPaths.get(shape);
      if (other !== undefined)
        faults.push({ name: at, rule: `must not have ${path} for ${operationId}, which ${other} has` });
      ownPaths.set(shape, name);
      if (operations?.some((operation) => operation.operationId === operationId)) {
        faults.push({ name: at, rule: `must not have ${operationId} under /bff/, which the contract has` });
      }
    }
  }
  return faults;
}
