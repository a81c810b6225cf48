import express, { type Express } from 'express';
import { type AdminParts, apiPartsOf } from './admin-parts.ts';
import { createApiRoutes } from './api.ts';
import { createFailedAttempts } from './failed-attempts.ts';
import { reportReadiness } from './health.ts';
import { indexPage } from './index-page.ts';
import { createProblemRoutes } from './problems-page.ts';
import { BOARD_PATH, createQueueBoard } from './queue-board.ts';
import { createReferenceRoutes } from './reference.ts';

export type { AdminParts } from './admin-parts.ts';

/**
 * Scripts and styles are our own files. Swagger UI sets styles on elements and shows pictures from `data:` URLs;
 * nothing may be framed, and nothing is fetched from elsewhere.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const NO_OPTIONS = { error: 'method_not_allowed', message: 'OPTIONS is answered nowhere here.' };

/**
 * Health, metrics and the contract's reference page, which tell no secret and ask for no token; and the admin API and
 * the board of the queues, which do where tokens are configured.
 */
export function createAdminApp(parts: AdminParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set({
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    });
    next();
  });
  app.use((request, response, next) => {
    // What Express would answer by itself. The API refuses it in its own form.
    if (request.method !== 'OPTIONS' || request.path.startsWith('/admin/v1')) return next();
    response.status(405).set('Allow', 'GET, HEAD').json(NO_OPTIONS);
  });
  app.get('/livez', (_request, response) => {
    response.json({ status: 'live' });
  });
  app.get('/readyz', (_request, response) => {
    const { httpStatus, report } = reportReadiness(parts);
    response.status(httpStatus).json(report);
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await parts.metrics.render();
    response.set('Content-Type', contentType).end(text);
  });
  const attempts = createFailedAttempts(parts.monotonicMs);
  app.use('/admin/v1', createApiRoutes(apiPartsOf(parts), attempts));
  if (parts.queues) app.use(BOARD_PATH, createQueueBoard({ ...parts, queues: parts.queues, attempts }));
  app.use('/problems', createProblemRoutes());
  app.get('/', (_request, response) => {
    response.type('html').send(indexPage(parts.contract, parts.queues !== undefined));
  });
  if (parts.contract) app.use('/reference', createReferenceRoutes(parts.contract));
  app.use((_request, response) => {
    response
      .status(404)
      .json({ error: 'not_found', message: 'The admin port has no such path. / lists them.' });
  });
  app.use(
    (
      error: Error,
      _request: express.Request,
      response: express.Response,
      next: express.NextFunction,
    ): void => {
      parts.logger.error({ err: error }, 'the admin port failed on a request');
      if (response.headersSent) next(error);
      else
        response
          .status(500)
          .json({ error: 'internal', message: 'The gateway failed on this. Its log says why.' });
    },
  );
  return app;
}
