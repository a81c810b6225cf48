import type { Kill } from '../kill.ts';
import { createListFile, type ListFile } from './list-file.ts';

/** Active kills of this replica, `<dataDir>/kills.json`. */
export function createKillFile(path: string): ListFile<Kill> {
  return createListFile(path, parseKill);
}

function parseKill(value: unknown): Kill | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const kill = value as Record<string, unknown>;
  const isKill = ['id', 'target', 'reason', 'by', 'at'].every((field) => typeof kill[field] === 'string');
  return isKill ? (value as Kill) : undefined;
}
