import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { Express } from 'express';
import type { Pool } from 'pg';
import { createApp } from './app.ts';
import { createGuards } from './auth/guards.ts';
import { createSessions } from './auth/session.ts';
import { createAcquirerClient } from './billing/acquirer-client.ts';
import { createInvoicePdfs } from './billing/pdf/invoice-pdfs.ts';
import { createBillingRouter } from './billing/router.ts';
import { createSettlementWorker } from './billing/settlement-worker.ts';
import { createBookingsRouter } from './bookings/router.ts';
import type { MonolithConfig } from './config.ts';
import { createExportPool, createPool } from './db/pool.ts';
import { createFlightsRouter } from './flights/router.ts';
import { createStatusStreams } from './flights/status-streams.ts';
import { createCsvExporter } from './http/csv.ts';
import { createHttpServer, drain, listenOn } from './http/server.ts';
import { type CleanupReport, cleanUp } from './jobs/cleanup.ts';
import { createRepeating } from './jobs/repeating.ts';
import { createLiveMap } from './live/live-map.ts';
import { moveFlights } from './live/simulator.ts';
import { createUpgrades, isWebSocketUpgrade } from './live/upgrades.ts';
import { createLogger } from './log/logger.ts';
import { createMailer } from './mail/mailer.ts';
import { createPages } from './pages/pages.ts';
import { createPartnerRouter } from './partner/router.ts';
import type { BackgroundWorker, Parts, RouterParts } from './parts.ts';
import { createPhotosRouter, createProfileRouter } from './profile/router.ts';
import { createReleaseStack } from './release-stack.ts';
import { createSeams } from './seams/seams.ts';
import { createSessionsRouter } from './sessions/router.ts';

/** Open event streams of one process; one more is refused with 503. */
const STATUS_STREAMS_MAX = 1000;
/** Exports at a time, each with a connection of its own; one more is refused with 503. */
const EXPORTS_MAX = 5;

export type Monolith = {
  app: Express;
  server: Server;
  pool: Pool;
  /** Starts jobs and listener; gives the port. If it fails, everything is released again. */
  listen(): Promise<{ port: number; seamPort: number | null }>;
  /** Ends what listens, lets requests and jobs end, closes the database. Idempotent. */
  stop(): Promise<void>;
  /** One round of the nightly job, at once. */
  runCleanup(): Promise<CleanupReport>;
  /** One round of each background worker (mail, unsettled payments), at once. */
  runWorker(): Promise<unknown>;
};

/** Builds the whole process. Nothing is connected or started before `listen`. */
export function createMonolith(config: MonolithConfig, overrides: Partial<Parts> = {}): Monolith {
  const parts: Parts = {
    clock: () => new Date(),
    randomBytes,
    logger: overrides.logger ?? createLogger(config.logLevel),
    ...overrides,
  };
  const releases = createReleaseStack();

  const pool = createPool(config, parts.logger);
  releases.push('database', () => pool.end());
  const exportPool = createExportPool({ ...config, databasePoolMax: EXPORTS_MAX }, parts.logger);
  releases.push('database of exports', () => exportPool.end());
  const sessions = createSessions(config, pool, parts);
  releases.push('sessions', () => sessions.close());

  const acquirer = createAcquirerClient({
    url: config.acquirerUrl,
    deadlineMs: config.acquirerDeadlineMs,
  });
  const seams = createSeams({ ...parts, config, pool, acquirer });
  releases.push('seams', () => seams.close());
  const { border, refunds } = seams;

  const routerParts: RouterParts = {
    ...parts,
    config,
    pool,
    border,
    guards: createGuards(pool, sessions.middleware),
  };
  const streams = createStatusStreams(pool, parts.logger, STATUS_STREAMS_MAX);
  const exportCsv = createCsvExporter(exportPool, EXPORTS_MAX);
  const upgrades = createUpgrades((req, res) => app(req, res));
  const liveMap = createLiveMap({ ...routerParts, upgrades }, seams.seatFeed);
  const payments = {
    ...parts,
    pool,
    acquirer,
    refunds,
    consent: border.consent,
    events: border.invoiceEvents,
  };
  const api = [
    createSessionsRouter(routerParts),
    createFlightsRouter(routerParts, streams, liveMap.pickedOn),
    createBookingsRouter({ ...routerParts, exportCsv }),
    createBillingRouter({ ...routerParts, ...payments, exportCsv, pdfs: createInvoicePdfs() }),
    createProfileRouter(routerParts),
  ];
  const pages = createPages(routerParts);
  const app = createApp(
    routerParts,
    api,
    [createPhotosRouter(routerParts), liveMap.router, createPartnerRouter(routerParts)],
    pages,
  );
  const server = createHttpServer(app, isWebSocketUpgrade);
  server.on('upgrade', upgrades.listener);

  const cleanup = createRepeating('cleanup', config.cleanupIntervalMs, parts.logger, (signal) =>
    cleanUp(
      { ...parts, pool, events: border.bookingEvents, ownsBookings: () => border.owns('booking') },
      signal,
    ),
  );
  const simulator = createRepeating('simulator', config.simulatorIntervalMs, parts.logger, () =>
    moveFlights({
      ...parts,
      pool,
      random: () => parts.randomBytes(4).readUInt32BE() / 2 ** 32,
      watched: streams.followed,
    }),
  );
  /** Mail and unsettled payments. */
  const workers: BackgroundWorker[] = [
    createSettlementWorker({
      ...payments,
      ownsBilling: () => border.owns('billing'),
      intervalMs: config.workerIntervalMs,
    }),
    createMailer({
      ...parts,
      pool,
      mailDataOf: seams.mailDataOf,
      smtpUrl: config.smtpUrl,
      intervalMs: config.workerIntervalMs,
    }),
  ];

  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= releases.unwind();
    return stopped;
  };

  return {
    app,
    server,
    pool,
    async listen() {
      try {
        releases.push('owner mirror', () => seams.mirror.stop());
        await seams.mirror.start();
        const simulators = config.simulatorIntervalMs > 0 ? [simulator] : [];
        for (const worker of [cleanup, ...workers, seams.carrier, ...simulators]) {
          worker.start();
          releases.push('background worker', () => worker.stop());
        }
        liveMap.start();
        releases.push('live map', () => liveMap.stop());
        const seamPort = seams.server ? await seams.server.listen(config.seams.port ?? 0, config.host) : null;
        releases.push('seam server', () => seams.server?.stop());
        const port = await listenOn(server, config.port, config.host);
        releases.push('listener', () => drain(server, config.drainMs));
        // They would never end by themselves, and the drain would wait for them.
        releases.push('event streams', () => streams.close());
        releases.push('seat map sockets', () => liveMap.closeSockets());
        return { port, seamPort };
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    runCleanup: async () => cleanup.runOnce(),
    runWorker: async () => {
      for (const worker of workers) await worker.runOnce();
    },
  };
}
