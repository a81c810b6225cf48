import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Envelope } from './caught-mail.ts';

export type SmtpOptions = {
  mailBytesMax: number;
  onMail: (source: Buffer, envelope: Envelope) => Promise<void>;
  onError: (error: Error) => void;
};

/** Takes every mail of everybody; any user and password will do. */
export function createSmtp({ mailBytesMax, onMail, onError }: SmtpOptions): SMTPServer {
  const server = new SMTPServer({
    banner: 'Meridian mail catcher',
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    size: mailBytesMax,
    maxClients: 100,
    socketTimeout: 60_000,
    closeTimeout: 2_000,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anybody' }),
    onData(stream, session, done) {
      collect(stream, mailBytesMax)
        .then((source) => onMail(source, envelopeOf(session)))
        .then(
          () => done(),
          (error: Error) => done(error),
        );
    },
  });
  server.on('error', onError);
  return server;
}

class TooLargeError extends Error {
  readonly responseCode = 552;
}

/** Reads to the end in any case: the protocol has no way to say "enough" in the middle of a mail. */
async function collect(stream: SMTPServerDataStream, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bytesMax) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > bytesMax || stream.sizeExceeded) throw new TooLargeError('the mail is too large');
  return Buffer.concat(chunks);
}

function envelopeOf({ envelope }: SMTPServerSession): Envelope {
  return {
    from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
    to: envelope.rcptTo.map(({ address }) => address),
  };
}
