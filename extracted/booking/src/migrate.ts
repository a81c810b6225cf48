import { fileURLToPath } from 'node:url';
import { migrate } from '@banyan/service-kit/migrations';

export const SCHEMA = 'booking';
const FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/** Brings booking's own database up to the newest schema. Processes that start together wait for one another. */
export function migrateBooking(databaseUrl: string): Promise<void> {
  return migrate({ databaseUrl, folder: FOLDER, schema: SCHEMA });
}
