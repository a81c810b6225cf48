import express, { type Express, type Request, type Response } from 'express';
import { type CaughtMail, toDetail, toSummary } from './caught-mail.ts';
import type { Mailbox } from './mailbox.ts';
import { renderPage, STYLE } from './page.ts';

/** A mail's HTML is a stranger's: no script, no frame, nothing fetched from anywhere. */
const MAIL_POLICY = "sandbox allow-popups; default-src 'none'; img-src data:; style-src 'unsafe-inline'";
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'";

/** The page for people, and `/api/mails` for tests. */
export function createMailApp(mailbox: Mailbox): Express {
  const app = express().disable('x-powered-by');
  app.use((_req, res, next) => {
    res.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
    next();
  });

  const sendPage = (res: Response, chosen?: CaughtMail): void => {
    res.set('Content-Security-Policy', PAGE_POLICY).send(renderPage(mailbox.list(), chosen));
  };

  app.get('/', (_req, res) => sendPage(res));
  app.get('/style.css', (_req, res) => void res.type('css').send(STYLE));
  app.get('/mails/:id', (req, res) => withMail(req, res, (mail) => sendPage(res, mail)));
  app.get('/mails/:id/html', (req, res) =>
    withMail(req, res, (mail) => {
      res
        .set('Content-Security-Policy', MAIL_POLICY)
        .type('html')
        .send(mail.html ?? '');
    }),
  );
  app.post('/clear', (_req, res) => {
    mailbox.clear();
    res.redirect(303, '/');
  });

  app.get('/api/mails', (req, res) => {
    const { to, subject, messageId } = req.query;
    const filter = { to: text(to), subject: text(subject), messageId: text(messageId) };
    res.json(mailbox.list(filter).map(toSummary));
  });
  app.get('/api/mails/:id', (req, res) => withMail(req, res, (mail) => void res.json(toDetail(mail))));
  app.get('/api/mails/:id/source', (req, res) =>
    withMail(req, res, (mail) => void res.type('text/plain').send(mail.source)),
  );
  app.get('/api/mails/:id/attachments/:n', (req, res) =>
    withMail(req, res, (mail) => {
      const n = String(req.params.n);
      const attachment = /^\d{1,4}$/.test(n) ? mail.attachments[Number(n)] : undefined;
      if (attachment === undefined) return sendMissing(res);
      // Never inline: its type is whatever the sender claimed.
      res
        .attachment(attachment.filename)
        .set('Content-Type', attachment.contentType)
        .send(attachment.content);
    }),
  );
  app.delete('/api/mails', (_req, res) => {
    mailbox.clear();
    res.status(204).end();
  });
  app.use((_req, res) => sendMissing(res));

  function withMail(req: Request, res: Response, use: (mail: CaughtMail) => void): void {
    const id = String(req.params.id);
    const mail = /^\d{1,15}$/.test(id) ? mailbox.find(Number(id)) : undefined;
    if (mail === undefined) sendMissing(res);
    else use(mail);
  }

  return app;
}

function sendMissing(res: Response): void {
  res.status(404).json({ error: 'not_found', message: 'There is no such mail.' });
}

/** The last of a repeated parameter; an empty one counts as absent. */
function text(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' && last !== '' ? last : undefined;
}
