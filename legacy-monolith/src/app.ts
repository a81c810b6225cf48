import express, { type Express, type Router } from 'express';
import { createErrorMiddleware, refuseUnknown } from './http/error-middleware.ts';
import { parseQuery } from './http/query.ts';
import { createRequestLog } from './http/request-log.ts';
import type { Pages } from './pages/pages.ts';
import type { RouterParts } from './parts.ts';

/** The routers of the API, in the order they are asked; each is built from `RouterParts`. */
export type ApiRouters = readonly Router[];

/**
 * The application: the order of everything a request passes, in one place.
 *
 * Bodies are parsed by the handlers (`http/body.ts`), not here: 401, 403 and 404 come before 415, 413 and 400.
 * Express's defaults stay as they are, since clients have come to rely on them: `X-Powered-By`, weak ETags,
 * paths without regard to case or a trailing slash, HEAD from GET, OPTIONS from the routes.
 */
export function createApp(
  parts: RouterParts,
  api: ApiRouters,
  besideApi: readonly Router[],
  pages: Pages,
): Express {
  const app = express();
  pages.useViews(app);
  app.set('query parser', parseQuery);
  // Sees every request, and how each ended.
  app.use(createRequestLog(parts));
  // Before the session: what only dresses a page is the same for everybody.
  app.use('/assets', pages.assets);
  // Before the routes, since an answer of any kind renews the session: 404s and errors too.
  app.use(parts.guards.session);
  // After the session, whose store calls back on behalf of whoever it last worked for.
  app.use(parts.border.followTrace);
  for (const router of api) app.use('/api/v1', router);
  // After all routes of the API: it speaks JSON even where there is nothing.
  app.use('/api', refuseUnknown);
  for (const router of besideApi) app.use(router);
  // After all that has a path of its own: what is nobody's is a page that does not exist.
  app.use(pages.router);
  app.use(pages.faults);
  // Last, so that whatever is thrown above ends here.
  app.use(createErrorMiddleware(parts));
  return app;
}
