import {
  type StorageChoice as Choice,
  createStorageChoice as choose,
  type StorageChoiceOptions,
} from '@banyan/service-kit/storage-choice';
import { Refusal } from '../domain/refusal.ts';
import type { BookingReads, BookingStorage } from './port.ts';

export const AGGREGATE = 'booking';

export type StorageChoice = Choice<BookingReads, BookingStorage>;

export function createStorageChoice(
  options: Pick<StorageChoiceOptions<BookingStorage>, 'ownership' | 'own' | 'shared'>,
): StorageChoice {
  const notTheOwner = (): Refusal => new Refusal('NOT_THE_OWNER');
  return choose({ ...options, aggregate: AGGREGATE, notTheOwner });
}
