import { createTransport } from 'nodemailer';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { isoInstant, plusMs } from '../clock.ts';
import { backoffMs } from '../jobs/backoff.ts';
import { createRepeating } from '../jobs/repeating.ts';
import type { BackgroundWorker } from '../parts.ts';
import { composeMail } from './compose-mail.ts';
import type { MailData, MailDataOf } from './mail-data.ts';
import { causeIdOf, type MailKind } from './outgoing-mail.ts';

export type MailerParts = {
  pool: Pool;
  clock: () => Date;
  logger: Logger;
  mailDataOf: MailDataOf;
  /** Null: mails stay queued. */
  smtpUrl: string | null;
  intervalMs: number;
};

export type MailReport = { sent: number; failed: number };

const FROM = 'Meridian Air <service@meridian.example>';
const ATTEMPTS_MAX = 20;
const BACKOFF = { baseMs: 5_000, mostMs: 3_600_000 } as const;
const PER_ROUND_MAX = 50;
/** A mail that is being sent is nobody else's for so long; longer than sending can take. */
const LEASE_MS = 120_000;
const SMTP = {
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  socketTimeout: 20_000,
  dnsTimeout: 5_000,
} as const;

type Claimed = {
  id: string;
  message_id: string;
  kind: MailKind;
  /** Null: the booking says whom to write to. */
  recipient: string | null;
  booking_id: string;
  attempts: number;
};

/**
 * Sends queued mails, oldest first, at least once each: one that was sent but not yet noted when the process
 * died goes out again, with the same Message-ID. Any number of processes may send at once.
 */
export function createMailer({
  pool,
  clock,
  logger,
  mailDataOf,
  smtpUrl,
  intervalMs,
}: MailerParts): BackgroundWorker {
  let saidSo = false;

  async function round(signal: AbortSignal): Promise<MailReport> {
    const report = { sent: 0, failed: 0 };
    if (smtpUrl === null) {
      if (!saidSo) logger.warn('SMTP_URL is not set: mails stay queued');
      saidSo = true;
      return report;
    }
    let transport: Transport | undefined;
    try {
      while (!signal.aborted && report.sent + report.failed < PER_ROUND_MAX) {
        const mail = await claimMail(pool, clock());
        if (!mail) break;
        transport ??= createTransport({ url: smtpUrl, pool: true, maxConnections: 1, ...SMTP });
        const error = await attempt(transport, mail);
        if (error === null) {
          report.sent += 1;
          continue;
        }
        report.failed += 1;
        // The server itself is away: the others need not spend their attempts on that.
        if (isConnectionError(error)) break;
      }
    } finally {
      transport?.close();
    }
    return report;
  }

  async function attempt(transport: Transport, mail: Claimed): Promise<Error | null> {
    try {
      const data = await mailDataOf(mail.booking_id);
      const composed = data
        ? await composeMail(mail.kind, causeIdOf(mail.message_id), data)
        : { obsolete: 'the booking is gone' };
      if ('obsolete' in composed) {
        await pool.query(GIVE_UP, [mail.id, composed.obsolete]);
        return null;
      }
      await transport.sendMail({
        ...composed,
        attachments: [...composed.attachments],
        from: FROM,
        // As an object, so that a comma in it does not make two of one.
        to: { name: '', address: mail.recipient ?? contactOf(data) },
        messageId: mail.message_id,
        date: clock(),
        headers: { 'Auto-Submitted': 'auto-generated' },
        // Nothing in a mail may make this process read a file or fetch an address.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      await pool.query(SENT, [mail.id, isoInstant(clock())]);
      return null;
    } catch (error) {
      await noteFailure(mail, error as Error);
      return error as Error;
    }
  }

  async function noteFailure(mail: Claimed, error: Error): Promise<void> {
    const isLast = mail.attempts >= ATTEMPTS_MAX;
    logger.warn(
      { err: error, mail: mail.id, kind: mail.kind, attempts: mail.attempts },
      'a mail was not sent',
    );
    const nextAt = plusMs(clock(), backoffMs(mail.attempts, BACKOFF.baseMs, BACKOFF.mostMs));
    await pool.query(FAILED, [mail.id, isLast ? 'GIVEN_UP' : 'QUEUED', isoInstant(nextAt), reasonOf(error)]);
  }

  return createRepeating('mailer', intervalMs, logger, round);
}

function contactOf(data: MailData | null): string {
  if (data === null) throw new Error('a mail of no booking was composed');
  return data.contactEmail;
}

type Transport = {
  sendMail(mail: object): Promise<unknown>;
  close(): void;
};

/** Takes the next mail that is due, for this caller alone while the lease lasts. */
export async function claimMail(pool: Pool, now: Date): Promise<Claimed | undefined> {
  const lease = isoInstant(plusMs(now, LEASE_MS));
  return (await pool.query<Claimed>(CLAIM, [isoInstant(now), lease])).rows[0];
}

const CONNECTION_CODES = new Set(['ECONNECTION', 'ESOCKET', 'ECONNREFUSED', 'EDNS', 'ETIMEDOUT', 'EAUTH']);

function isConnectionError(error: Error): boolean {
  return CONNECTION_CODES.has(String((error as { code?: unknown }).code));
}

/** Kept for whoever looks after the queue; NULs and length would fail the very note of the failure. */
function reasonOf(error: Error): string {
  return error.message.replaceAll('\0', '').toWellFormed().slice(0, 500);
}

/** The lease is a later due time: whoever dies with a mail in hand gives it back by doing nothing. */
const CLAIM = `
  UPDATE outgoing_mail SET attempts = attempts + 1, next_attempt_at = $2::timestamptz
  WHERE id = (SELECT id FROM outgoing_mail
              WHERE state = 'QUEUED' AND next_attempt_at <= $1::timestamptz
              ORDER BY next_attempt_at, id LIMIT 1
              FOR UPDATE SKIP LOCKED)
  RETURNING id, message_id, kind, recipient, booking_id, attempts`;

const SENT = `
  UPDATE outgoing_mail SET state = 'SENT', sent_at = $2::timestamptz, last_error = NULL WHERE id = $1`;

const GIVE_UP = `UPDATE outgoing_mail SET state = 'GIVEN_UP', last_error = $2 WHERE id = $1`;

const FAILED = `
  UPDATE outgoing_mail SET state = $2, next_attempt_at = $3::timestamptz, last_error = $4 WHERE id = $1`;
