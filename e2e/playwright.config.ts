import { defineConfig } from '@playwright/test';
import { readEnvironment } from './kit/environment.ts';

const { chromium, gatewayUrl, monolithUrl, jsonReport, owners } = readEnvironment(process.env);

/**
 * The same journeys twice: through the gateway, and at the monolith itself. They know the address and nothing
 * else of which of the two they are on; what only one of them has is excluded here, by file.
 */
export default defineConfig({
  testDir: 'journeys',
  testMatch: '*.spec.ts',
  outputDir: `../test-results/${owners}`,
  fullyParallel: true,
  // Accounts are handed out by worker: see kit/accounts.ts for how many there are.
  workers: 3,
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  timeout: 30_000,
  expect: { timeout: 8_000 },
  reporter: [
    ['list'],
    ['html', { outputFolder: `../playwright-report/${owners}`, open: 'never' }],
    ...(jsonReport === null ? [] : [['json', { outputFile: jsonReport }] as const]),
  ],
  use: {
    // Its snapshots show every step's page; the film of it would cost a tenth of the time.
    trace: { mode: 'retain-on-failure', screenshots: false, sources: false },
    screenshot: 'only-on-failure',
    actionTimeout: 10_000,
    navigationTimeout: 10_000,
    locale: 'en-GB',
    timezoneId: 'UTC',
    launchOptions: {
      ...(chromium === null ? {} : { executablePath: chromium }),
      args: [
        ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync'],
      ],
    },
  },
  projects: [
    { name: 'gateway', use: { baseURL: gatewayUrl } },
    { name: 'direct', use: { baseURL: monolithUrl }, testIgnore: 'reference-page.spec.ts' },
  ],
});
