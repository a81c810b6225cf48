import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createMailApp } from './app.ts';
import { parseMail } from './caught-mail.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { createSmtp } from './smtp.ts';

export type MailCatcherOptions = {
  /** 0 picks a free one; so for `port`. */
  smtpPort: number;
  /** Of page and JSON API. */
  port: number;
  host?: string;
  clock?: () => Date;
  mailsMax?: number;
  mailBytesMax?: number;
  /** Of all mails together. */
  bytesMax?: number;
  log?: (entry: Record<string, unknown> & { msg: string }) => void;
};

export type MailCatcher = {
  smtpPort: number;
  smtpUrl: string;
  port: number;
  url: string;
  mailbox: Mailbox;
  stop(): Promise<void>;
};

const MB = 1024 * 1024;

/** Listens on both ports when it resolves, or on none when it rejects. */
export async function createMailCatcher({
  smtpPort,
  port,
  host = '127.0.0.1',
  clock = () => new Date(),
  mailsMax = 1_000,
  mailBytesMax = 25 * MB,
  bytesMax = 256 * MB,
  log = () => undefined,
}: MailCatcherOptions): Promise<MailCatcher> {
  const mailbox = createMailbox({ mailsMax, bytesMax });
  const smtp = createSmtp({
    mailBytesMax,
    async onMail(source, envelope) {
      const mail = await parseMail(source, envelope, mailbox.nextId(), clock());
      mailbox.add(mail);
      log({ msg: 'mail', id: mail.id, messageId: mail.messageId, bytes: source.length });
    },
    // A sender that breaks off; its own business.
    onError: (error) => log({ msg: 'smtp error', code: (error as NodeJS.ErrnoException).code ?? error.name }),
  });
  const stopSmtp = () => new Promise<void>((resolve) => smtp.close(() => resolve()));
  const http = createServer({ requestTimeout: 30_000 }, createMailApp(mailbox));
  const boundSmtp = await listen(smtp.server, () => smtp.listen(smtpPort, host));
  let bound: number;
  try {
    bound = await listen(http, () => http.listen(port, host));
  } catch (error) {
    await stopSmtp();
    throw error;
  }
  return {
    smtpPort: boundSmtp,
    smtpUrl: `smtp://${host}:${boundSmtp}`,
    port: bound,
    url: `http://${host}:${bound}`,
    mailbox,
    async stop() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      await Promise.all([closed, stopSmtp()]);
    },
  };
}

function listen(server: Server, start: () => unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
    start();
  });
}
