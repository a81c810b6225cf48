import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { isDatabaseUnavailable } from '../db/database-fault.ts';
import { readFields } from '../http/body.ts';
import { Refusal } from '../http/refusal.ts';
import { NOTHING_TYPED } from './fields.ts';
import type { PageKit, PageParts } from './page-kit.ts';
import { ownPageOf, type TypedForm, typedFormOf } from './typed-form.ts';
import { logInPage } from './view-models/visitor-pages.ts';
import type { FaultPage } from './views.ts';

const TEXTS: Readonly<Record<number, readonly [heading: string, text: string]>> = {
  400: [
    'That request did not make sense',
    'Something was lost on the way here. Please go back and try again.',
  ],
  403: ['This gate is closed to you', 'Your account may not open this page.'],
  404: [
    'We do not fly there',
    'The page you asked for is not on our map. It may have moved, or never existed.',
  ],
  409: ['That is not possible any more', 'Things changed while you were at it.'],
  413: ['That is too heavy', 'What you sent is larger than we can carry.'],
  415: ['We cannot read that', 'This page takes forms as browsers send them.'],
  500: ['We hit some turbulence', 'Something went wrong on our side. Please try again in a moment.'],
  503: ['Please stand by', 'We cannot reach our systems right now. Please try again in a few minutes.'],
};

/** Paths whose faults are told in other shapes. */
const NOT_A_PAGE = /^\/(?:api|soap|photos|ws|assets)(?:\/|$)/i;

/** No page has this path. */
export const refuseUnknownPage: RequestHandler = () => {
  throw new Refusal('not_found', 'No such resource.');
};

/**
 * Shows what was thrown as a page, and passes on what is not a page's. Who is not logged in is led to do so and
 * comes back to what was asked for; after a post that is the page the form stands on.
 */
export function createPageFaults(parts: PageParts, kit: PageKit): ErrorRequestHandler {
  return async (error, req, res, next) => {
    if (NOT_A_PAGE.test(req.path) || res.headersSent) {
      next(error);
      return;
    }
    const refusal = refusalOf(error);
    if (refusal?.kind === 'unauthorized') {
      await askToLogIn(kit, req, res);
      return;
    }
    // The visitor has logged in again since the form was shown; its page shows it anew, with what was typed.
    if (refusal?.details.code === 'form_token' && req.session?.typed) {
      res.redirect(303, comeBackTo(req));
      return;
    }
    const status = refusal?.status ?? 500;
    let errorId: string | null = null;
    if (status === 500 || (status === 503 && !(error instanceof Refusal))) {
      errorId = parts.randomBytes(8).toString('hex');
      parts.logger.error({ err: error, errorId, method: req.method }, 'a page failed');
    }
    if (refusal?.details.retryAfterSeconds !== undefined) {
      res.set('Retry-After', String(refusal.details.retryAfterSeconds));
    }
    showFault(kit, req, res, faultPage(status, refusal, errorId));
  };
}

/** What was asked for; after a post, the page that the form stood on, as far as the browser says. */
function comeBackTo(req: Request): string {
  return req.method === 'GET' || req.method === 'HEAD' ? req.originalUrl : (ownPageOf(req) ?? '/');
}

/** Leads to the log-in; of a post, shows it at once, since the log-in's form carries along what was typed. */
async function askToLogIn(kit: PageKit, req: Request, res: Response): Promise<void> {
  const next = comeBackTo(req);
  const typed = await typedIn(req);
  if (typed === null) {
    res.redirect(303, `/login?next=${encodeURIComponent(next)}`);
    return;
  }
  const notice = 'Please log in to go on. What you typed is kept.';
  const model = logInPage({ form: NOTHING_TYPED, next, notice, typed });
  res.set('WWW-Authenticate', 'Session realm="Meridian Air"');
  kit.show(req, res, { view: 'log-in', title: 'Log in', model, status: 401 });
}

async function typedIn(req: Request): Promise<TypedForm | null> {
  if (req.method !== 'POST' || ownPageOf(req) === null) return null;
  try {
    const { kind, values } = await readFields(req);
    return kind === 'form' ? typedFormOf(req, values as Record<string, string>) : null;
  } catch (error) {
    // A file, or more than any form holds: there is nothing to keep of it.
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function showFault(kit: PageKit, req: Request, res: Response, fault: FaultPage): void {
  kit.show(req, res, { view: 'fault', title: fault.heading, model: fault, status: fault.status });
}

function faultPage(status: number, refusal: Refusal | null, errorId: string | null): FaultPage {
  const [heading, text] = TEXTS[status] ?? ['That did not work', 'Please go back and try again.'];
  // What a refusal says is meant for the visitor; the rest is told in our own words.
  const own = refusal !== null && ![404, 500, 503].includes(status) ? refusal.message : text;
  return { status, heading, text: own, errorId };
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (isDatabaseUnavailable(error)) {
    return new Refusal('unavailable', 'The service is unavailable.', { retryAfterSeconds: 5 });
  }
  // Express could not decode the path, so it names nothing.
  if (error instanceof URIError) return new Refusal('not_found', 'No such resource.');
  return null;
}
