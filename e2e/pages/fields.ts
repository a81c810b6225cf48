import type { Locator, Page } from '@playwright/test';
import { loaded } from './loaded.ts';

/** Fields by the names that the contract gives them. */
export function createFields(scope: Page | Locator) {
  const named = (name: string): Locator => scope.locator(`[name="${name}"]:not([type="hidden"])`);
  return {
    named,
    /** What is said to be wrong, beside the field. */
    faultOf: (name: string): Locator => scope.locator(`[data-error-for="${name}"]`),
    async fill(values: Readonly<Record<string, string | undefined>>): Promise<void> {
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) continue;
        await loaded(named(name));
        await named(name).fill(value);
      }
    },
  };
}
