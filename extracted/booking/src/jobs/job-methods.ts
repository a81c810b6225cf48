import { BookingServiceService } from '@banyan/contracts/booking/v1/booking';
import type { ServedService } from '@banyan/service-kit/handlers';
import { type JobMethods, jobMethodsOf } from '@banyan/service-kit/jobs/jobs';
import type { Admission } from '../rpc/admission.ts';
import { answering } from '../rpc/refusals.ts';

/** What booking does later for whoever asks for that. */
export function createJobMethods(service: ServedService, admission: Admission): JobMethods {
  return jobMethodsOf(BookingServiceService, service, {
    exportBookings: { check: answering(admission.export) },
    getItinerary: { check: answering(admission.itinerary) },
    notifyPassengers: {
      check: answering(admission.notice),
      keyed: (request, key) => ({ ...request, idempotencyKey: request.idempotencyKey ?? key }),
    },
  });
}
