import type { CaughtMail } from './caught-mail.ts';

export type MailFilter = { to?: string; subject?: string; messageId?: string };

export type MailboxOptions = { mailsMax: number; bytesMax: number };

export type Mailbox = ReturnType<typeof createMailbox>;

/** The last mails; when there are too many, or too much of them, the oldest goes. */
export function createMailbox({ mailsMax, bytesMax }: MailboxOptions) {
  const mails: CaughtMail[] = [];
  let bytes = 0;
  let lastId = 0;
  return {
    nextId: () => {
      lastId += 1;
      return lastId;
    },
    add(mail: CaughtMail): void {
      mails.push(mail);
      bytes += mail.source.length;
      while (mails.length > mailsMax || (bytes > bytesMax && mails.length > 1)) {
        bytes -= mails.shift()?.source.length ?? 0;
      }
    },
    find: (id: number): CaughtMail | undefined => mails.find((mail) => mail.id === id),
    /** Newest first. Recipient and Message-ID are compared whole, the subject in part; case does not count. */
    list({ to, subject, messageId }: MailFilter = {}): CaughtMail[] {
      const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
      return mails
        .filter(
          (mail) =>
            (to === undefined || mail.to.some((address) => same(address, to))) &&
            (subject === undefined || mail.subject.toLowerCase().includes(subject.toLowerCase())) &&
            (messageId === undefined || same(mail.messageId, messageId)),
        )
        .reverse();
    },
    clear(): void {
      mails.length = 0;
      bytes = 0;
    },
  };
}
