import type { Metrics } from '@banyan/service-kit/metrics';
import { Gauge } from 'prom-client';
import type { AccountsCopy } from './accounts-copy.ts';

export function watchAccountsAge(
  metrics: Metrics,
  accounts: Pick<AccountsCopy, 'refreshedAt'>,
  now: () => Date,
): void {
  new Gauge({
    name: 'billing_accounts_copy_age_seconds',
    help: 'Since the copy of accounts was refreshed; no value while no refreshing is known of.',
    registers: [metrics.registry],
    collect() {
      const at = accounts.refreshedAt();
      if (at === null) this.remove();
      else this.set((now().getTime() - at.getTime()) / 1_000);
    },
  });
}
