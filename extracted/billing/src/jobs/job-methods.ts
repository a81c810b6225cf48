import { BillingServiceService } from '@banyan/contracts/billing/v1/billing';
import type { ServedService } from '@banyan/service-kit/handlers';
import { type JobMethods, jobMethodsOf } from '@banyan/service-kit/jobs/jobs';
import type { Admission } from '../rpc/admission.ts';
import { refusing } from '../rpc/billing-service.ts';

/** What billing does later for whoever asks for that. */
export function createJobMethods(service: ServedService, admission: Admission): JobMethods {
  return jobMethodsOf(BillingServiceService, service, {
    createStatement: {
      check: refusing(admission.statement),
      // A client's own key does as well, and is kept longer than the job.
      keyed: (request, key) => ({ ...request, idempotencyKey: request.idempotencyKey ?? key }),
      answered: (response, { idempotencyKey }) =>
        idempotencyKey === undefined ? { ...response, replayed: false } : response,
    },
    exportInvoices: { check: refusing(admission.export) },
    getInvoiceDocument: { check: refusing(admission.document) },
  });
}
