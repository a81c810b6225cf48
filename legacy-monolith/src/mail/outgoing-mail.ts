import type { PoolClient } from 'pg';
import { isoInstant } from '../clock.ts';

export const MAIL_KINDS = ['E_TICKET', 'RECEIPT', 'CANCELLATION', 'REFUND'] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

export type NewMail = {
  kind: MailKind;
  /** What gave cause: the booking's, payment's or refund's id. One mail of a kind per cause, ever. */
  causeId: string;
  /** Null: the booking's owner is asked when the mail is sent. */
  recipient: string | null;
  bookingId: string;
  invoiceId: string | null;
  now: Date;
};

/** The Message-ID derives from the cause, so that a mail that is sent twice is recognised as one. */
export function messageIdOf(kind: MailKind, causeId: string): string {
  return `<${kind.toLowerCase().replace('_', '-')}-${causeId}@meridian.example>`;
}

/** The id of the cause within a Message-ID of ours. */
export function causeIdOf(messageId: string): string {
  const match = /-(\d+)@/.exec(messageId);
  if (!match) throw new Error('a queued mail has a Message-ID of another making');
  return match[1] as string;
}

/** Queues a mail in the transaction that gives cause to it; the mailer sends it afterwards. */
export async function queueMail(client: PoolClient, mail: NewMail): Promise<void> {
  await client.query(QUEUE, [
    messageIdOf(mail.kind, mail.causeId),
    mail.kind,
    mail.recipient,
    mail.bookingId,
    mail.invoiceId,
    isoInstant(mail.now),
  ]);
}

const QUEUE = `
  INSERT INTO outgoing_mail (message_id, kind, recipient, booking_id, invoice_id, next_attempt_at, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $6)
  ON CONFLICT (message_id) DO NOTHING`;
