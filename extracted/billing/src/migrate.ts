import { fileURLToPath } from 'node:url';
import { migrate } from '@banyan/service-kit/migrations';

export const SCHEMA = 'billing';
export const SHARED_SCHEMA = 'billing_shared';

/** Brings billing's own database up to the newest schema. */
export function migrateBilling(databaseUrl: string): Promise<void> {
  const folder = fileURLToPath(new URL('../migrations', import.meta.url));
  return migrate({ databaseUrl, folder, schema: SCHEMA });
}
