import { type Request, Router } from 'express';
import type { Role } from '../auth/guards.ts';
import { readFields } from '../http/body.ts';
import { Refusal } from '../http/refusal.ts';
import { localPathOr } from '../sessions/local-path.ts';
import { authenticate, beginSession, endSession } from '../sessions/log-in.ts';
import { type FormState, faultsOf, NOTHING_TYPED, withMissing } from './fields.ts';
import { LOG_OUT } from './frame.ts';
import type { PageKit, PageParts } from './page-kit.ts';
import { parseHiddenFields } from './typed-form.ts';
import { logInPage } from './view-models/visitor-pages.ts';

const SHOW_WSDL = '/soap/booking?wsdl';

/** `/login`, `/logout` and `/partners`. */
export function createVisitorRoutes({ pool, guards }: PageParts, kit: PageKit): Router {
  const router = Router();

  router.get('/login', (req, res) => {
    const next = localPathOr((req.query as Record<string, string>).next, '');
    if (req.identity) return res.redirect(303, next || startOf(req.identity.role));
    const notice = next === '' ? null : 'Please log in to go on.';
    kit.show(req, res, {
      view: 'log-in',
      title: 'Log in',
      model: logInPage({ form: NOTHING_TYPED, next, notice, typed: null }),
    });
  });

  // As in the API, a log-in is about the session, whatever else the request carries.
  router.post('/login', guards.sessionAlways, async (req, res) => {
    refuseOtherSite(req);
    const { values } = await readFields(req);
    const next = localPathOr(values.next, '');
    const typed = parseHiddenFields(values);
    try {
      const identity = await authenticate(pool, values);
      await beginSession(req, identity.accountId, typed === null ? {} : { typed });
      res.redirect(303, next || startOf(identity.role));
    } catch (error) {
      if (!(error instanceof Refusal) || !['invalid', 'forbidden'].includes(error.kind)) throw error;
      const email = { email: typeof values.email === 'string' ? values.email : '' };
      const form = error.kind === 'invalid' ? missing(values, email, error) : faultsOf(email, error);
      kit.show(req, res, {
        view: 'log-in',
        title: 'Log in',
        model: logInPage({ form, next, notice: null, typed }),
        status: error.status,
      });
    }
  });

  router.post('/logout', kit.only(), async (req, res) => {
    await kit.readForm(req, LOG_OUT);
    await endSession(req, res);
    res.redirect(303, '/');
  });

  router.get('/partners', (req, res) => {
    kit.show(req, res, { view: 'partners', title: 'For partners', model: { wsdlPath: SHOW_WSDL } });
  });

  return router;
}

/** Where a log-in leads that was asked for by no page: one that the role may see. */
function startOf(role: Role): string {
  return role === 'accountant' ? '/invoices' : '/bookings';
}

/** Both fields at once where both are empty; the password is looked at and never kept. */
function missing(
  values: Readonly<Record<string, unknown>>,
  typed: Record<string, string>,
  refusal: Refusal,
): FormState {
  const given = typeof values.password === 'string' && values.password !== '';
  return withMissing(faultsOf(typed, refusal), given ? ['email'] : ['email', 'password']);
}

/**
 * Nobody has a session yet whose token could tell this site's form from another's, so the browser's own word
 * is taken: a form of another site must not log its visitor in under an account of that site's choice.
 */
function refuseOtherSite(req: Request): void {
  if (req.headers['sec-fetch-site'] === 'cross-site') {
    throw new Refusal('forbidden', 'Please log in on our own page.');
  }
}
