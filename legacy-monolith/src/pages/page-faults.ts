import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { isDatabaseUnavailable } from '../db/database-fault.ts';
import { Refusal } from '../http/refusal.ts';
import type { PageKit, PageParts } from './page-kit.ts';
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
  return (error, req, res, next) => {
    if (NOT_A_PAGE.test(req.path) || res.headersSent) {
      next(error);
      return;
    }
    const refusal = refusalOf(error);
    if (refusal?.kind === 'unauthorized') {
      res.redirect(303, `/login?next=${encodeURIComponent(comeBackTo(req))}`);
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
  if (req.method === 'GET' || req.method === 'HEAD') return req.originalUrl;
  const from = req.headers.referer;
  if (from === undefined || !URL.canParse(from)) return '/';
  const { host, pathname, search } = new URL(from);
  return host === req.headers.host ? `${pathname}${search}` : '/';
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
