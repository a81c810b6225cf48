import { type AddressObject, simpleParser } from 'mailparser';

export type CaughtAttachment = { filename: string; contentType: string; content: Buffer };

export type CaughtMail = {
  id: number;
  receivedAt: Date;
  messageId: string;
  from: string;
  /** The envelope's recipients: who really got it. */
  to: readonly string[];
  subject: string;
  text: string;
  html: string | null;
  headers: readonly { name: string; value: string }[];
  attachments: readonly CaughtAttachment[];
  source: Buffer;
};

export type Envelope = { from: string; to: readonly string[] };

/** Takes a mail apart. What it lacks is empty; pictures that it refers to by `cid:` are put into its HTML. */
export async function parseMail(
  source: Buffer,
  envelope: Envelope,
  id: number,
  receivedAt: Date,
): Promise<CaughtMail> {
  const parsed = await simpleParser(source, { skipTextToHtml: true });
  return {
    id,
    receivedAt,
    messageId: parsed.messageId ?? '',
    from: addressText(parsed.from) ?? envelope.from,
    to: envelope.to,
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: parsed.html === false || parsed.html === undefined ? null : parsed.html,
    headers: parsed.headerLines.map(({ line }) => {
      const colon = line.indexOf(':');
      return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
    }),
    attachments: parsed.attachments.map((attachment, index) => ({
      filename: attachment.filename ?? `attachment-${index + 1}`,
      contentType: attachment.contentType,
      content: attachment.content,
    })),
    source,
  };
}

/** As lists show it. */
export function toSummary(mail: CaughtMail): object {
  return {
    id: mail.id,
    messageId: mail.messageId,
    from: mail.from,
    to: mail.to,
    subject: mail.subject,
    receivedAt: mail.receivedAt.toISOString(),
    bytes: mail.source.length,
    attachments: mail.attachments.map(({ filename, contentType, content }) => ({
      filename,
      contentType,
      bytes: content.length,
    })),
  };
}

export function toDetail(mail: CaughtMail): object {
  return { ...toSummary(mail), text: mail.text, html: mail.html, headers: mail.headers };
}

function addressText(address: AddressObject | undefined): string | undefined {
  return address?.text;
}
