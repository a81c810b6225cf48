import type { Request } from 'express';
import { parseForm } from '../http/body.ts';
import { isStorable } from '../http/text.ts';
import { localPathOr } from '../sessions/local-path.ts';

/** What a visitor typed into the form that posts to `action`: kept when a log-in comes between. */
export type TypedForm = { action: string; values: Readonly<Record<string, string>> };

declare module 'express-session' {
  interface SessionData {
    /** Of the form that was under way when the visitor had to log in, until its page is shown again. */
    typed?: TypedForm;
  }
}

/** Never goes through a page or the database again, nor does a token of a session that has ended. */
const NEVER_KEPT = new Set(['card_number', 'expiry', 'cvc', 'password', 'form_token']);
/** Longer than any form of ours filled to the brim. */
const LENGTH_MAX = 16_384;

/** What may be kept of a post that came from a page of ours; null where there is nothing. */
export function typedFormOf(req: Request, values: Readonly<Record<string, string>>): TypedForm | null {
  return ownPageOf(req) === null ? null : keepable(req.path, values);
}

/** The page of ours that a post came from, as far as the browser says; null for all others. */
export function ownPageOf(req: Request): string | null {
  const from = req.headers.referer;
  if (from === undefined || !URL.canParse(from)) return null;
  const { host, pathname, search } = new URL(from);
  return host === req.headers.host ? `${pathname}${search}` : null;
}

/** Two fields of the log-in form. */
export function toHiddenFields({ action, values }: TypedForm): { typed_action: string; typed: string } {
  return { typed_action: action, typed: new URLSearchParams(values).toString() };
}

/** Reads them back; the browser's word is taken no further than a form's would be. */
export function parseHiddenFields(fields: Readonly<Record<string, unknown>>): TypedForm | null {
  const { typed, typed_action } = fields;
  const action = localPathOr(typed_action, '');
  return typeof typed !== 'string' || action === '' ? null : keepable(action, parseForm(typed));
}

/** The values for the page that shows the form again, once. */
export function takeTyped(req: Request, action: string): TypedForm['values'] | null {
  const typed = req.session?.typed;
  if (typed?.action !== action) return null;
  req.session.typed = undefined;
  return typed.values;
}

function keepable(action: string, values: Readonly<Record<string, string>>): TypedForm | null {
  const kept = Object.entries(values).filter(([name, value]) => !NEVER_KEPT.has(name) && isStorable(value));
  const length = kept.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  // A booking's version alone was typed by nobody.
  const isTyped = kept.some(([name]) => name !== 'version');
  return isTyped && length <= LENGTH_MAX ? { action, values: Object.fromEntries(kept) } : null;
}
