import { type ErrorRequestHandler, type Express, Router } from 'express';
import type { RouterParts } from '../parts.ts';
import { createAssets } from './assets.ts';
import { createBookRoutes } from './book-routes.ts';
import { createBookingRoutes } from './booking-routes.ts';
import { createChangeRoutes } from './change-routes.ts';
import { createFlightRoutes } from './flight-routes.ts';
import { createFormLedger } from './form-ledger.ts';
import { createFormTokens } from './form-token.ts';
import { createInvoiceRoutes } from './invoice-routes.ts';
import { createPageFaults, refuseUnknownPage } from './page-faults.ts';
import { pageHeaders } from './page-headers.ts';
import { createPageKit, type PageParts } from './page-kit.ts';
import { createPayRoutes } from './pay-routes.ts';
import { createProfileRoutes } from './profile-routes.ts';
import { useViews } from './views.ts';
import { createVisitorRoutes } from './visitor-routes.ts';

/** The site that people see, in the parts that the application puts in their places. */
export type Pages = {
  /** Stylesheets, scripts and images, for `/assets`. */
  assets: Router;
  /** Every page, and the page of what does not exist. */
  router: Router;
  /** Shows what went wrong on a page. */
  faults: ErrorRequestHandler;
  useViews(app: Express): void;
};

export function createPages(routerParts: RouterParts): Pages {
  const { config, pool, clock, randomBytes, guards } = routerParts;
  const assets = createAssets();
  const parts: PageParts = {
    ...routerParts,
    assets,
    tokens: createFormTokens({ secret: config.sessionSecret, clock, randomBytes }),
    ledger: createFormLedger(pool, clock),
  };
  const kit = createPageKit(parts);
  const router = Router();
  router.use(pageHeaders);
  router.use(guards.recognise);
  router.use(createFlightRoutes(parts, kit));
  router.use(createVisitorRoutes(parts, kit));
  router.use(createBookRoutes(parts, kit));
  router.use(createBookingRoutes(parts, kit));
  router.use(createPayRoutes(parts, kit));
  router.use(createChangeRoutes(parts, kit));
  router.use(createInvoiceRoutes(parts, kit));
  router.use(createProfileRoutes(parts, kit));
  router.use(refuseUnknownPage);
  return { assets: assets.router, router, faults: createPageFaults(parts, kit), useViews };
}
