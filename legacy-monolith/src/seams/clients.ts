import { InvoiceLookupServiceClient } from '@banyan/contracts/billing/v1/billing';
import {
  BookingLookupServiceClient,
  PaymentConsentServiceClient,
  SeatServiceClient,
} from '@banyan/contracts/booking/v1/booking';
import type { SeamsConfig } from '../config.ts';
import { type Api, createSeamClient, type SeamClient } from './rpc/client.ts';
import type { Definition } from './rpc/serve.ts';

/** The other sides' services, as far as it is known where they are. Nothing is connected before it is called. */
export type SeamClients = {
  consent: Api<typeof PaymentConsentServiceClient.service> | null;
  seats: Api<typeof SeatServiceClient.service> | null;
  bookingLookup: Api<typeof BookingLookupServiceClient.service> | null;
  invoiceLookup: Api<typeof InvoiceLookupServiceClient.service> | null;
  close(): void;
};

export function createSeamClients({ token, bookingTarget, billingTarget }: SeamsConfig): SeamClients {
  const clients: SeamClient<Definition>[] = [];
  const to = <D extends Definition>(
    Ctor: Parameters<typeof createSeamClient<D>>[0],
    target: string | null,
  ): Api<D> | null => {
    if (target === null || token === null) return null;
    const client = createSeamClient(Ctor, target, token);
    clients.push(client as unknown as SeamClient<Definition>);
    return client.api;
  };
  return {
    consent: to(PaymentConsentServiceClient, bookingTarget),
    seats: to(SeatServiceClient, bookingTarget),
    bookingLookup: to(BookingLookupServiceClient, bookingTarget),
    invoiceLookup: to(InvoiceLookupServiceClient, billingTarget),
    close() {
      for (const client of clients) client.close();
    },
  };
}
