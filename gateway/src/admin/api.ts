import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import type { ApiParts } from './admin-parts.ts';
import { type Authenticate, createAuthenticate, type Principal } from './authenticate.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import { isFlagRefusal, Refusal, refusalOf, sendProblem } from './problem.ts';
import { readBody } from './read-body.ts';
import {
  type Answer,
  allowedMethods,
  type Reading,
  type Resource,
  readQuery,
  type Writing,
} from './resource.ts';
import { createAuditRoutes } from './resources/audit.ts';
import { createCarveOutRoutes } from './resources/carve-outs.ts';
import { createChangeFlags } from './resources/change-flags.ts';
import { createDifferenceRoutes } from './resources/differences.ts';
import { createKillRoutes } from './resources/kills.ts';
import { createOverrideRoutes } from './resources/overrides.ts';
import { createQueueRoutes } from './resources/queues.ts';
import { createReplicaRoutes } from './resources/replicas.ts';
import { createRoutes } from './resources/routes.ts';
import { createSnapshotRoutes } from './resources/snapshot.ts';
import type { Standing } from './standing.ts';

/**
 * The admin API, as `openapi/admin.yaml` describes it. Who asks is settled first, so that nobody without a token
 * learns which paths there are; then the path and the method, whether this bearer may, the body, and last what it
 * says.
 */
export function createApiRoutes(parts: ApiParts, attempts: FailedAttempts): Router {
  const authenticate = createAuthenticate(parts.tokens, attempts, parts.logger);
  const router = Router({ caseSensitive: true, strict: true });
  router.use(refuseOptions, identify(authenticate));
  for (const resource of createResources(parts)) {
    const { get, put, post } = resource;
    const route = router.route(resource.path);
    if (get) route.get(reading(get));
    if (put) route.put(writing(put, parts));
    if (post) route.post(writing(post, parts));
    route.all(refuseMethod(allowedMethods(resource)));
  }
  router.use(() => {
    throw new Refusal('not-found', 'The admin API has no such path.');
  });
  router.use(answerFailure(parts));
  return router;
}

export function createResources(parts: ApiParts): readonly Resource[] {
  const { rollout, services, operations } = parts;
  const standing = (): Standing => ({
    operations,
    rollout: rollout(),
    services: services(),
  });
  const changeFlags = createChangeFlags(parts, standing);
  return [
    ...createRoutes(parts, changeFlags),
    ...createCarveOutRoutes(changeFlags),
    ...createSnapshotRoutes(parts),
    ...createAuditRoutes(parts),
    ...createOverrideRoutes(parts, standing),
    ...createKillRoutes(parts, standing),
    ...createDifferenceRoutes(parts, standing),
    ...createReplicaRoutes(parts),
    ...createQueueRoutes(parts),
  ];
}

/** What the middleware hands on to the handlers of one request. */
type Locals = { principal: Principal; client: string };

/** Before anybody is asked who they are: a browser asks so whether another site may call, and none may. */
const refuseOptions: RequestHandler = (request, _response, next) => {
  if (request.method !== 'OPTIONS') return next();
  throw new Refusal(
    'method-not-allowed',
    'OPTIONS is answered nowhere here.',
    {},
    { Allow: 'GET, HEAD, PUT, POST' },
  );
};

function identify(authenticate: Authenticate): RequestHandler {
  return (request, response, next) => {
    const client = clientOf(request);
    const principal = authenticate(request.headers.authorization, client);
    Object.assign(response.locals, { principal, client } satisfies Locals);
    next();
  };
}

function reading({ query = {}, answer }: Reading): RequestHandler {
  return async (request, response) => {
    const values = readQuery(request.originalUrl, query);
    send(response, await answer({ params: paramsOf(request), query: values }));
  };
}

function writing(write: Writing, { logger, replica }: ApiParts): RequestHandler {
  return async (request, response) => {
    const { principal, client } = response.locals as Locals;
    refuseReaders(principal);
    readQuery(request.originalUrl, {});
    const answer = await write({
      params: paramsOf(request),
      body: await readBody(request),
      by: principal.name,
      client,
      ifMatch: request.headers['if-match'],
      onBehalfOf: request.get('X-Banyan-On-Behalf-Of'),
    });
    const { by, onBehalfOf } = { by: principal.name, onBehalfOf: request.get('X-Banyan-On-Behalf-Of') };
    logger.info({ by, onBehalfOf, client, replica, ...answer.noted }, 'changed by the admin API');
    send(response, answer);
  };
}

function refuseReaders({ isKnown, mayWrite }: Principal): void {
  if (mayWrite) return;
  if (isKnown) throw new Refusal('forbidden', "This needs an operator's token; a viewer's may only read.");
  throw new Refusal('read-only', 'No tokens are configured, so this admin API is read-only.');
}

function refuseMethod(allow: string): RequestHandler {
  return (request) => {
    throw new Refusal('method-not-allowed', `${request.method} is none of ${allow}.`, {}, { Allow: allow });
  };
}

/** Not by Express's `json`: an ETag here is a version, and must never turn an answer into a 304. */
function send(response: Response, { status = 200, body, version }: Answer): void {
  response.status(status).type('application/json');
  if (version !== undefined) response.set('ETag', `"${version}"`);
  response.end(JSON.stringify(body));
}

function answerFailure({ logger, replica, onRefused }: ApiParts): ErrorRequestHandler {
  return (error: unknown, request: Request, response, next) => {
    if (response.headersSent) return next(error);
    const refusal = refusalOf(error);
    if (refusal === undefined) {
      logger.error({ err: error }, 'the admin API failed on a request');
      return sendProblem(response, new Refusal('internal', 'The gateway failed on this. Its log says why.'));
    }
    const { principal, client } = response.locals as Partial<Locals>;
    if (principal?.isKnown && request.method !== 'GET' && request.method !== 'HEAD') {
      const line = { by: principal.name, client, replica, method: request.method, path: pathOf(request) };
      logger.info({ ...line, refused: refusal.kind }, 'the admin API refused a change');
      if (isFlagRefusal(refusal.kind)) onRefused?.(refusal.kind);
    }
    sendProblem(response, refusal);
  };
}

function paramsOf({ params }: Request): Record<string, string> {
  return params as Record<string, string>;
}

const PATH_LOGGED_MAX = 200;

function pathOf({ originalUrl }: Request): string {
  return originalUrl.slice(0, PATH_LOGGED_MAX);
}

/** The connection's own address: nothing that a client sends says who it is. */
function clientOf({ socket }: Request): string {
  return socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
}
