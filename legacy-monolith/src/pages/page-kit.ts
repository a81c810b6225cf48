import type { Request, RequestHandler, Response } from 'express';
import { identityOf, type Role } from '../auth/guards.ts';
import { readFields } from '../http/body.ts';
import { Refusal } from '../http/refusal.ts';
import type { RouterParts } from '../parts.ts';
import type { Assets } from './assets.ts';
import type { FormLedger } from './form-ledger.ts';
import type { FormTokens } from './form-token.ts';
import { type Frame, frameFor, type Section } from './frame.ts';
import { typedFormOf } from './typed-form.ts';
import type { ViewModels, ViewName } from './views.ts';
import { refuseForged, visitorOf } from './visitor.ts';

export type PageParts = RouterParts & { assets: Assets; tokens: FormTokens; ledger: FormLedger };

export type Shown<View extends ViewName> = {
  view: View;
  title: string;
  section?: Section;
  model: ViewModels[View];
  status?: number;
};

export type PageKit = {
  show<View extends ViewName>(req: Request, res: Response, page: Shown<View>): void;
  /** The hidden field of a form; with an id, of the form that was shown under it before. */
  token(req: Request, purpose: string, formId?: string): string;
  /**
   * The fields of a post; throws the 403 of a form that this session was not shown. What was typed into it is kept
   * for who has logged in anew since (`page-faults.ts` leads back to the form).
   */
  readForm(req: Request, purpose: string): Promise<Record<string, string>>;
  /**
   * Does what a form is for once, however often it is sent: `work` gives the path that it leads to, and the
   * same form sent again is led there too. Where `work` throws, the form may be sent again.
   */
  once(
    req: Request,
    purpose: string,
    form: Record<string, string>,
    fallback: string,
    work: Work,
  ): Promise<Done>;
  /** As the API's guards, but who is not logged in is sent to do so and comes back. */
  only(...roles: readonly Role[]): RequestHandler;
};

/** Where a sent form leads; `view` shows something instead, and the path is for who sends the form again. */
export type Done = { path: string; view?: () => void | Promise<void> };
type Work = () => Promise<Done>;

const EVERYBODY: readonly Role[] = ['customer', 'agent', 'accountant', 'partner'];

export function createPageKit(parts: PageParts): PageKit {
  const { tokens, ledger } = parts;
  return {
    show(req, res, { view, title, section, model, status = 200 }) {
      const frame: Frame = frameFor({ req, title, section: section ?? null, assets: parts.assets, tokens });
      res.status(status);
      // A page is its reader's own: it may be kept, and is asked for again before it is shown.
      res.set('Cache-Control', 'private, no-cache');
      res.render(view, { frame, model });
    },
    token: (req, purpose, formId) => tokens.issue(visitorOf(req), purpose, formId),
    async readForm(req, purpose) {
      const { kind, values } = await readFields(req);
      if (kind !== 'form') throw new Refusal('unsupported_media_type', 'Pages take forms.');
      const form = values as Record<string, string>;
      try {
        refuseForged(tokens, req, form.form_token, purpose);
      } catch (error) {
        if (req.session) req.session.typed = typedFormOf(req, form) ?? undefined;
        throw error;
      }
      return form;
    },
    async once(req, purpose, form, fallback, work) {
      const token = form.form_token as string;
      const claim = await ledger.claim({ token, accountId: identityOf(req).accountId, purpose });
      if (!claim.first) return { path: claim.resultPath ?? fallback };
      let done: Done;
      try {
        done = await work();
      } catch (error) {
        await ledger.release(token);
        throw error;
      }
      await ledger.settle(token, done.path);
      return done;
    },
    only(...roles) {
      const allowed = roles.length === 0 ? EVERYBODY : roles;
      return (req, _res, next) => {
        if (!req.identity) throw new Refusal('unauthorized', 'Please log in.');
        if (!allowed.includes(req.identity.role)) {
          throw new Refusal('forbidden', 'This page is not for your role.');
        }
        next();
      };
    },
  };
}

/** Leads on after a post, so that a reload does not send it again. */
export async function leadOn(res: Response, { path, view }: Done): Promise<void> {
  if (view) await view();
  else res.redirect(303, path);
}
