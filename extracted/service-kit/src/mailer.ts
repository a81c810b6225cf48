import { createTransport } from 'nodemailer';
import { jitteredBackoffMs } from './backoff.ts';
import type { Database, Transaction } from './database.ts';
import type { Logger } from './logger.ts';
import { type BackgroundWorker, createRepeating } from './repeating.ts';
import { scrub } from './safe-error.ts';

export type { BackgroundWorker } from './repeating.ts';

export type NewMail = {
  /** Derived from what gave cause, as in <receipt-7@meridian.example>: one mail per Message-ID, ever. */
  readonly messageId: string;
  readonly kind: string;
  readonly recipient: string;
  /** What the composer needs. JSON: no bigint, no Date. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly now: Date;
};

export type QueuedMail = {
  readonly id: bigint;
  readonly messageId: string;
  readonly kind: string;
  readonly recipient: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly attempts: number;
};

export type ComposedMail = {
  /** Where it is known only when the mail is written; by default the queued one. */
  readonly recipient?: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly {
    readonly filename: string;
    readonly content: Buffer | string;
    readonly contentType: string;
  }[];
};

export type Compose = (mail: QueuedMail) => Promise<ComposedMail | { readonly obsolete: string }>;
export type MailReport = { readonly sent: number; readonly failed: number };

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

/** Queues a mail in the transaction that gives cause to it; the mailer sends it afterwards. */
export async function queueMail(tx: Transaction, mail: NewMail): Promise<void> {
  const { messageId, kind, recipient, data, now } = mail;
  await tx.query(QUEUE, [messageId, kind, recipient, JSON.stringify(data), now]);
}

/**
 * Sends queued mails, oldest first, at least once each: one that was sent but not yet noted when the process died
 * goes out again, with the same Message-ID. Any number of processes may send at once.
 */
export function createMailer(options: {
  readonly database: Database;
  /** Null: mails stay queued. */
  readonly smtpUrl: string | null;
  readonly from: string;
  readonly compose: Compose;
  readonly intervalMs: number;
  readonly now: () => Date;
  readonly random: () => number;
  readonly logger: Logger;
}): BackgroundWorker<MailReport> {
  const { database, smtpUrl, from, compose, intervalMs, now, random, logger } = options;
  let saidSo = false;

  async function round(signal: AbortSignal): Promise<MailReport> {
    const report = { sent: 0, failed: 0 };
    if (smtpUrl === null) {
      if (!saidSo) logger.warn('no SMTP server is set: mails stay queued');
      saidSo = true;
      return report;
    }
    let transport: ReturnType<typeof createTransport> | undefined;
    try {
      while (!signal.aborted && report.sent + report.failed < PER_ROUND_MAX) {
        const mail = await claim();
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

  async function claim(): Promise<QueuedMail | undefined> {
    const time = now();
    const lease = new Date(time.getTime() + LEASE_MS);
    return (await database.query<QueuedMail>(CLAIM, [time, lease])).rows[0];
  }

  async function attempt(
    transport: ReturnType<typeof createTransport>,
    mail: QueuedMail,
  ): Promise<Error | null> {
    try {
      const composed = await compose(mail);
      if ('obsolete' in composed) {
        await database.query(GIVE_UP, [mail.id, composed.obsolete]);
        return null;
      }
      const { recipient = mail.recipient, ...content } = composed;
      await transport.sendMail({
        ...content,
        attachments: [...(content.attachments ?? [])],
        from,
        // As an object, so that a comma in it does not make two of one.
        to: { name: '', address: recipient },
        messageId: mail.messageId,
        date: now(),
        headers: { 'Auto-Submitted': 'auto-generated' },
        // Nothing in a mail may make this process read a file or fetch an address.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      await database.query(SENT, [mail.id, now()]);
      return null;
    } catch (error) {
      await noteFailure(mail, error as Error);
      return error as Error;
    }
  }

  async function noteFailure(mail: QueuedMail, error: Error): Promise<void> {
    const { id, kind, attempts } = mail;
    logger.warn({ err: error, mail: String(id), kind, attempts }, 'a mail was not sent');
    const inMs = jitteredBackoffMs(attempts, { ...BACKOFF, random });
    const state = attempts >= ATTEMPTS_MAX ? 'GIVEN_UP' : 'QUEUED';
    await database.query(FAILED, [id, state, new Date(now().getTime() + inMs), reasonOf(error)]);
  }

  return createRepeating({ name: 'mailer', intervalMs, logger, round });
}

const CONNECTION_CODES = new Set(['ECONNECTION', 'ESOCKET', 'ECONNREFUSED', 'EDNS', 'ETIMEDOUT', 'EAUTH']);

function isConnectionError(error: Error): boolean {
  return CONNECTION_CODES.has(String((error as { code?: unknown }).code));
}

/** Kept for whoever looks after the queue; NULs and length would fail the very note of the failure. */
function reasonOf(error: Error): string {
  return scrub(error.message.replaceAll('\0', '').toWellFormed());
}

const QUEUE = `
  INSERT INTO outgoing_mail (message_id, kind, recipient, data, next_attempt_at, created_at)
  VALUES ($1, $2, $3, $4, $5, $5)
  ON CONFLICT (message_id) DO NOTHING`;

/** The lease is a later due time: whoever dies with a mail in hand gives it back by doing nothing. */
const CLAIM = `
  UPDATE outgoing_mail SET attempts = attempts + 1, next_attempt_at = $2
  WHERE id = (SELECT id FROM outgoing_mail
              WHERE state = 'QUEUED' AND next_attempt_at <= $1
              ORDER BY next_attempt_at, id LIMIT 1
              FOR UPDATE SKIP LOCKED)
  RETURNING id, message_id AS "messageId", kind, recipient, data, attempts`;

const SENT = `UPDATE outgoing_mail SET state = 'SENT', sent_at = $2, last_error = NULL WHERE id = $1`;
const GIVE_UP = `UPDATE outgoing_mail SET state = 'GIVEN_UP', last_error = $2 WHERE id = $1`;
const FAILED = `
  UPDATE outgoing_mail SET state = $2, next_attempt_at = $3, last_error = $4 WHERE id = $1`;
