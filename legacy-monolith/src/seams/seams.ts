import type { Pool } from 'pg';
import type { AcquirerClient } from '../billing/acquirer-client.ts';
import { createLocalInvoices } from '../billing/local-invoices.ts';
import type { PaymentConsent } from '../billing/payment-consent.ts';
import { createRefundDesk, type RefundDesk } from '../billing/refund-desk.ts';
import { createLocalBookings } from '../bookings/local-bookings.ts';
import type { Border } from '../border.ts';
import type { MonolithConfig } from '../config.ts';
import { requiredCabin, requiredSeatMap, type SeatMapRow } from '../flights/flight-queries.ts';
import { createSeatFeed, type SeatFeed } from '../live/seat-feed.ts';
import type { MailDataOf } from '../mail/mail-data.ts';
import type { Parts } from '../parts.ts';
import { chooseBookings, chooseInvoices, notHere } from './choose.ts';
import { createSeamClients } from './clients.ts';
import type { EventCarrier } from './events/carrier.ts';
import { createIntake } from './events/intake.ts';
import { createLocalBookingEvents } from './events/local-booking-events.ts';
import { localConsent } from './events/local-consent.ts';
import { localInvoiceEvents } from './events/local-invoice-events.ts';
import { createNoCarrier } from './events/no-carrier.ts';
import { createQueueCarrier } from './events/queue-carrier.ts';
import { createSeamConsent } from './events/seam-consent.ts';
import { createSeamBookingEvents, createSeamInvoiceEvents } from './events/seam-events.ts';
import { createTraceParents } from './events/trace-parents.ts';
import { createSeamMailData } from './mail/seam-mail-data.ts';
import { type Aggregate, createOwnerMirror, type OwnerMirror } from './owners/owner-mirror.ts';
import { createRemoteBookings } from './rest/remote-bookings.ts';
import { createRemoteCounts } from './rest/remote-counts.ts';
import { createRemoteInvoices } from './rest/remote-invoices.ts';
import { createRestClient } from './rest/rest-client.ts';
import { createConsentService } from './rpc/consent-service.ts';
import { createDirectoryService } from './rpc/directory-service.ts';
import { RemoteRefusal } from './rpc/errors.ts';
import { createSeamServer, type SeamServer } from './rpc/server.ts';
import { createBookingLookup, createInvoiceLookup, createOwnershipService } from './rpc/services.ts';
import { createOwnedSeatFeed } from './seats/owned-seat-feed.ts';
import { createRemoteSeatFeed } from './seats/remote-seat-feed.ts';

export type Seams = {
  border: Border;
  mirror: OwnerMirror;
  refunds: RefundDesk;
  seatFeed: SeatFeed;
  mailDataOf: MailDataOf;
  carrier: EventCarrier;
  /** Null where no port is set for it. */
  server: SeamServer | null;
  /** Waits for what events have set going, and closes what was connected. */
  close(): Promise<void>;
};

const SEATS_MS = 3000;

/** Where the contexts meet: each port of the border, here and away, and what serves the other side. */
export function createSeams(
  parts: Parts & { config: MonolithConfig; pool: Pool; acquirer: AcquirerClient },
): Seams {
  const { config, pool, clock, logger, acquirer } = parts;
  const newId = (): string => uuidOf(parts.randomBytes(16));
  const mirror = createOwnerMirror({ pool, databaseUrl: config.databaseUrl, logger });
  const owns = async (aggregate: Aggregate): Promise<boolean> =>
    (await mirror.ownerOf(aggregate)) === 'monolith';
  const clients = createSeamClients(config.seams);

  // Effects
  const invoiceEvents: Border['invoiceEvents'] = async () =>
    (await owns('booking')) ? localInvoiceEvents : seamInvoiceEvents;
  const refunds = createRefundDesk({ pool, clock, logger, acquirer, events: invoiceEvents });
  const carryOutRefund = (refundId: string): Promise<void> => refunds.carryOutSoon(refundId);
  const localBookingEvents = createLocalBookingEvents({ carryOutRefund });
  const bookingEvents: Border['bookingEvents'] = async () =>
    (await owns('billing')) ? localBookingEvents : seamBookingEvents;
  const intake = createIntake({ pool, clock, owns, carryOutRefund, logger });
  const traces = createTraceParents();
  const { queues, databaseUrl } = config;
  const carrier =
    queues === null
      ? createNoCarrier({ mirror, logger })
      : createQueueCarrier({
          queues,
          pool,
          databaseUrl,
          mirror,
          logger,
          random: () => parts.randomBytes(4).readUInt32BE() / 2 ** 32,
          take: (event, traceParent) => traces.within(traceParent, () => intake.take(event)),
        });
  const seamEvents = { newId, carrier, traceParent: traces.current };
  const seamBookingEvents = createSeamBookingEvents(seamEvents);
  const seamInvoiceEvents = createSeamInvoiceEvents(seamEvents);

  // Consent
  const seamConsent = createSeamConsent({ pool, logger, booking: () => clients.consent });
  const consent: PaymentConsent = {
    ask: async (invoice) => ((await owns('booking')) ? localConsent : seamConsent).ask(invoice),
  };

  // Reads
  const ask = createRestClient({ apiUrl: config.seams.apiUrl, logger });
  const payments = { ...parts, refunds, consent, events: invoiceEvents };
  const isHere = async (context: Aggregate): Promise<boolean> => {
    const owner = await mirror.ownerOf(context);
    if (owner === 'nobody') throw notHere();
    return owner === 'monolith';
  };
  const seatMapOf = async (flightId: unknown): Promise<SeatMapRow> => {
    if (await isHere('booking')) return requiredSeatMap(pool, flightId);
    const cabin = await requiredCabin(pool, flightId);
    if (clients.seats === null) throw notHere();
    try {
      const { seats } = await clients.seats.listTakenSeats(
        { flightId: BigInt(cabin.id) },
        { deadlineMs: SEATS_MS },
      );
      return { ...cabin, taken: seats };
    } catch (error) {
      if (!(error instanceof RemoteRefusal)) throw error;
      logger.warn({ err: error }, 'taken seats cannot be asked for');
      throw notHere();
    }
  };

  const border: Border = {
    bookingEvents,
    invoiceEvents,
    consent,
    bookingsOf: chooseBookings({
      ownerOf: () => mirror.ownerOf('booking'),
      here: createLocalBookings({ pool, clock, events: bookingEvents }),
      away: createRemoteBookings({ ask, pool, clock }),
    }),
    invoicesOf: chooseInvoices({
      ownerOf: () => mirror.ownerOf('billing'),
      here: createLocalInvoices(payments),
      away: createRemoteInvoices({ ask, pool }),
    }),
    seatMapOf,
    countsOf: createRemoteCounts({ ask, pool, clock, isHere }),
    owns,
    followTrace: traces.ofRequests,
    onlyHere: (context) => async (_req, _res, next) => {
      if (!(await owns(context))) throw notHere();
      next();
    },
  };

  const { port, token } = config.seams;
  return {
    border,
    mirror,
    refunds,
    seatFeed: createOwnedSeatFeed({
      mirror,
      logger,
      here: createSeatFeed(config.databaseUrl, logger),
      away: () => createRemoteSeatFeed(() => clients.seats, logger),
    }),
    mailDataOf: createSeamMailData(pool, mirror.ownerOf, {
      booking: () => clients.bookingLookup,
      billing: () => clients.invoiceLookup,
    }),
    carrier,
    server:
      port === null || token === null
        ? null
        : createSeamServer({
            token,
            logger,
            newId,
            services: [
              createDirectoryService(pool),
              createConsentService({ pool, clock, owns }),
              createBookingLookup(pool, owns),
              createInvoiceLookup(pool, owns),
              createOwnershipService(mirror),
            ],
          }),
    async close() {
      await intake.settle();
      clients.close();
    },
  };
}

/** A random UUID (RFC 9562, version 4) of these bytes. */
function uuidOf(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
