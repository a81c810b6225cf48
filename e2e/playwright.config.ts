import { defineConfig } from '@playwright/test';
import { readEnvironment } from './kit/environment.ts';

const { chromium, gatewayUrl, monolithUrl, jsonReport, owners } = readEnvironment(process.env);

/**
 * The same journeys twice: through the gateway, and at the monolith itself. They know the address and nothing
 * else of which of the two they are on; what only one of them has is excluded here, by file. `overrides` are tests of
 * their own, which pin requests to a side.
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
  // After these, waiting is pointless; a machine that does much else takes its time.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [
    ['list'],
    ['html', { outputFolder: `../playwright-report/${owners}`, open: 'never' }],
    ...(jsonReport === null ? [] : [['json', { outputFile: jsonReport }] as const]),
  ],
  use: {
    // Its snapshots show every step's page; the film of it would cost a tenth of the time.
    trace: { mode: 'retain-on-failure', screenshots: false, sources: false },
    screenshot: 'only-on-failure',
    actionTimeout: 30_000,
    navigationTimeout: 30_000,
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
    // On a stack whose services run and read the monolith's data.
    { name: 'overrides', use: { baseURL: gatewayUrl }, testDir: 'overrides', dependencies: ['flags'] },
    { name: 'flags', testDir: 'overrides', testMatch: 'flags.setup.ts', teardown: 'flags-back' },
    { name: 'flags-back', testDir: 'overrides', testMatch: 'flags.teardown.ts' },
  ],
});
