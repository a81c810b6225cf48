import {
  type StorageChoice as Choice,
  createStorageChoice as choose,
  type StorageChoiceOptions,
} from '@banyan/service-kit/storage-choice';
import { Refusal } from '../domain/refusal.ts';
import type { BillingReads, BillingStorage } from './port.ts';

export const AGGREGATE = 'billing';

export type StorageChoice = Choice<BillingReads, BillingStorage>;

export function createStorageChoice(
  options: Pick<StorageChoiceOptions<BillingStorage>, 'ownership' | 'own' | 'shared'>,
): StorageChoice {
  const notTheOwner = (): Refusal => new Refusal('NOT_THE_OWNER');
  return choose({ ...options, aggregate: AGGREGATE, notTheOwner });
}
