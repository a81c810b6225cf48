import type { NewMail } from '@banyan/service-kit/mailer';

export const MAIL_KINDS = ['RECEIPT', 'CANCELLATION', 'REFUND'] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

/**
 * A mail to be queued. `causeId` is the payment's, booking's or refund's id: one mail of a kind per cause, ever,
 * since the Message-ID derives from it. Whom it goes to is asked when it is written: the address is the booking's.
 */
export function mailFor(
  kind: MailKind,
  causeId: bigint,
  { bookingId, now }: { readonly bookingId: bigint; readonly now: Date },
): NewMail {
  return {
    messageId: `<${kind.toLowerCase()}-${causeId}@meridian.example>`,
    kind,
    recipient: '',
    data: { causeId: causeId.toString(), bookingId: bookingId.toString() },
    now,
  };
}
