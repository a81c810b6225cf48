import type { Request } from 'express';
import type { Role } from '../auth/guards.ts';
import type { Assets } from './assets.ts';
import type { FormTokens } from './form-token.ts';
import { initialsOf } from './format.ts';
import { visitorOf } from './visitor.ts';

export type Section = 'flights' | 'status' | 'bookings' | 'invoices' | 'profile';

export type NavItem = { label: string; path: string; current: boolean };

/** What surrounds every page. */
export type Frame = {
  title: string;
  nav: readonly NavItem[];
  visitor: { name: string; initials: string; role: Role; logOutToken: string | null } | null;
  /** The address of a stylesheet, script or image. */
  asset: (path: string) => string;
};

const NAV: Readonly<Record<Section, { label: string; path: string; roles: readonly Role[] | null }>> = {
  flights: { label: 'Book a flight', path: '/', roles: null },
  status: { label: 'Flight status', path: '/status', roles: null },
  bookings: { label: 'Bookings', path: '/bookings', roles: ['customer', 'agent', 'partner'] },
  invoices: { label: 'Invoices', path: '/invoices', roles: ['customer', 'accountant', 'partner'] },
  profile: { label: 'Profile', path: '/profile', roles: ['customer', 'agent', 'accountant', 'partner'] },
};

export function frameFor(parts: {
  req: Request;
  title: string;
  section: Section | null;
  assets: Assets;
  tokens: FormTokens;
}): Frame {
  const { req, title, section } = parts;
  const identity = req.identity;
  return {
    title,
    nav: Object.entries(NAV)
      .filter(([, { roles }]) => roles === null || (identity !== undefined && roles.includes(identity.role)))
      .map(([name, { label, path }]) => ({ label, path, current: name === section })),
    visitor: identity
      ? {
          name: identity.name,
          initials: initialsOf(identity.name),
          role: identity.role,
          logOutToken: identity.via === 'session' ? parts.tokens.issue(visitorOf(req), LOG_OUT) : null,
        }
      : null,
    asset: (path) => parts.assets.url(path),
  };
}

export const LOG_OUT = 'log-out';
