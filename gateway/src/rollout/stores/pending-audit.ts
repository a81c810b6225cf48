import type { AuditEntry } from '../audit.ts';
import { createListFile, type ListFile } from './list-file.ts';
import { parseAuditEntry } from './parse-held.ts';

/** Audit entries that the store does not have yet, `<dataDir>/pending-audit.json`, oldest first. */
export function createPendingAudit(path: string): ListFile<AuditEntry> {
  return createListFile(path, parseAuditEntry);
}
