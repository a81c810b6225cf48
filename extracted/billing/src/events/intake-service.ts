import { EventIntakeServiceService } from '@banyan/contracts/events/v1/events';
import { implement, type ServedService } from '@banyan/service-kit/handlers';
import { refusing } from '../rpc/billing-service.ts';
import { type IntakeParts, takeEvent } from './take-event.ts';

/** What booking's owner tells by calls. Acknowledged when the effect is committed. */
export function createIntakeService(parts: IntakeParts): ServedService {
  return implement(EventIntakeServiceService, 'service', {
    deliver: refusing(({ event }) => takeEvent(parts, event)),
  });
}
