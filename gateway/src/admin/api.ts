import { Router } from 'express';
import type { AdminTokens } from '../config/config.ts';
import type { Operation } from '../routing/operation.ts';
import type { LastHits } from '../telemetry/last-hits.ts';
import { requireReader } from './bearer.ts';
import { sendProblem } from './problem.ts';
import { describeRoute } from './route.ts';

/** The admin API, as `openapi/admin.yaml` describes it. */
export function createApiRoutes(parts: {
  readonly operations: readonly Operation[];
  readonly monolithHits: LastHits;
  readonly tokens: AdminTokens;
}): Router {
  const router = Router();
  router.use(requireReader(parts.tokens));
  router
    .route('/routes')
    .get((_request, response) => {
      response.json(parts.operations.map((operation) => describeRoute(operation, parts.monolithHits)));
    })
    .all((_request, response) => {
      response.set('Allow', 'GET, HEAD');
      sendProblem(response, 405, 'Method Not Allowed', 'Routes are read here, with GET.');
    });
  router.use((_request, response) => {
    sendProblem(response, 404, 'Not Found', 'The admin API has no such path.');
  });
  return router;
}
