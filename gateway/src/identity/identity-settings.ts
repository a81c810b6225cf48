import type { ConfigFault } from '../config/fault.ts';

/** What active carve-outs miss to know who is calling; nothing where none is active. */
export function findIdentityFaults(settings: {
  /** Names of the carve-outs whose target is set. */
  readonly activeCarveOuts: readonly string[];
  /** Name of the configuration file. */
  readonly configFile: string;
  readonly hasAdapter: boolean;
  readonly hasKeys: boolean;
}): ConfigFault[] {
  const { activeCarveOuts, configFile, hasAdapter, hasKeys } = settings;
  if (activeCarveOuts.length === 0) return [];
  const active = activeCarveOuts.join(', ');
  const faults: ConfigFault[] = [];
  if (!hasKeys) {
    faults.push({
      name: 'BANYAN_IDENTITY_KEYS',
      rule: `must be set for what is carved out (${active}): keys that the services know too, such as k1:<32 random bytes in base64url>, or @ and the path of a file of them`,
    });
  }
  if (!hasAdapter) {
    faults.push({
      name: `${configFile}: identity`,
      rule: `must be set for what is carved out (${active}): how the monolith is asked who is calling`,
    });
  }
  return faults;
}
