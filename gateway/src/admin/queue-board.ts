import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express';
import { type Queues, QueuesAway } from '../queues/queues.ts';
import type { AdminParts } from './admin-parts.ts';
import { createAuthenticate } from './authenticate.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import { queuesUnavailable, Refusal, refusalOf, sendProblem } from './problem.ts';

export const BOARD_PATH = '/jobs';
/** For an answer, whatever it is that Bull Board waits for. */
const ANSWER_MS = 5_000;

/**
 * Bull Board. It names its own address, sets styles on elements, and fetches from here alone: what it would load from
 * elsewhere is refused by the browser.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The queues as a board, to look at. Nobody changes anything here, whoever it is: a browser sends a password along
 * with what any page makes it ask, and gives no reason. What operators do goes through the API, which keeps who, when
 * and why. Its libraries are loaded when it is first asked for.
 */
export function createQueueBoard(
  parts: Pick<AdminParts, 'tokens' | 'logger'> & {
    readonly queues: Pick<Queues, 'bullQueues'>;
    readonly attempts: FailedAttempts;
    /** Without it 5,000. */
    readonly answerMs?: number;
  },
): Router {
  const { tokens, logger, queues, attempts, answerMs = ANSWER_MS } = parts;
  const authenticate = createAuthenticate(tokens, attempts, logger, 'browser');
  let loading: Promise<RequestHandler> | undefined;
  const board = (): Promise<RequestHandler> => {
    loading ??= loadBoard(queues).catch((error: unknown) => {
      // What was away may be there at the next request.
      loading = undefined;
      throw error;
    });
    return loading;
  };

  const router = Router();
  router.use((request, response, next) => {
    authenticate(request.headers.authorization, clientOf(request));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const says = `${request.method} is none of GET, HEAD: the board only shows. Use the API, or banyan jobs.`;
      throw new Refusal('method-not-allowed', says, {}, { Allow: 'GET, HEAD' });
    }
    response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    // Its relative URLs need the slash.
    if (request.originalUrl.split('?', 1)[0] === BOARD_PATH) return response.redirect(308, `${BOARD_PATH}/`);
    next();
  });
  router.use(async (request, response, next) => {
    const timer = setTimeout(() => {
      if (!response.headersSent)
        sendProblem(response, queuesUnavailable(new QueuesAway('no answer in time')));
    }, answerMs);
    response.once('close', () => clearTimeout(timer));
    // Bull Board would ask queue by queue, and say nothing of why it fails.
    if (request.path.startsWith('/api/')) await queues.bullQueues();
    (await board())(request, response, next);
  });
  router.use(((error: unknown, _request, response, next) => {
    // Too late: it was answered.
    if (response.headersSent) return next(error);
    const refusal = refusalOf(error);
    if (refusal === undefined) logger.error({ err: error }, 'the board of the queues failed on a request');
    sendProblem(
      response,
      refusal ?? new Refusal('internal', 'The gateway failed on this. Its log says why.'),
    );
  }) satisfies ErrorRequestHandler);
  return router;
}

const ELSEWHERE = /<link [^>]*href="https?:[^>]*>/g;

async function loadBoard(queues: Pick<Queues, 'bullQueues'>): Promise<RequestHandler> {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }, bullQueues] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/express'),
    queues.bullQueues(),
  ]);
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: bullQueues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Banyan queues' } },
  });
  const app = serverAdapter.getRouter();
  const render = app.engines['.ejs'];
  app.engine('ejs', (file: string, options: object, done: (error: unknown, html?: string) => void) => {
    render(file, options, (error: unknown, html?: string) => done(error, html?.replaceAll(ELSEWHERE, '')));
  });
  return app;
}

/** As in the API. */
function clientOf({ socket }: Request): string {
  return socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
}
