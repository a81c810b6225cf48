import type { RequestListener } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Owner } from '@banyan/contracts/ownership/v1/ownership';
import { startUpstream } from '../../support/upstream.ts';
import { flightOf, startTestService, type TestService } from '../../translate/support/test-service.ts';
import { LINES, LINES_AT_ONCE, lineOf } from './answers.ts';
import { CARVE_OUTS, OPERATIONS } from './operations.ts';

/** Between two parts of a stream, so that flips come in the middle of it. */
const STREAM_PAUSE_MS = 10;
/** What whoever is not logged in gets of everything that is carved out, from either side. */
export const WHO = 'log in first';

export type Backends = AsyncDisposable & {
  /** For the gateway's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What the data says now: the count of the record's changes. */
  revisionOf(carveOut: string, id: string): number;
};

type Route = {
  readonly pattern: RegExp;
  readonly method: string;
  readonly operation: (typeof OPERATIONS)[number];
};

const ROUTES: readonly Route[] = OPERATIONS.map((operation) => ({
  pattern: new RegExp(`^${operation.path.replaceAll('.', '\\.').replace('{id}', '(\\d+)')}$`),
  method: operation.method,
  operation,
}));

/**
 * A monolith that owns all data and answers everything, and a service for each carve-out that reads the same data.
 * All that they answer says who answers, to whom, about what, and in which revision, on every line.
 */
export async function startBackends(): Promise<Backends> {
  const revisions = new Map<string, number>();
  const revisionOf = (carveOut: string, id: string) => revisions.get(`${carveOut} ${id}`) ?? 0;

  const answer: RequestListener = async (request, response) => {
    const account = /^sid=(\w+)$/.exec(request.headers.cookie ?? '')?.[1];
    if (request.url === '/session') {
      response.writeHead(account === undefined ? 401 : 200).end(account ?? WHO);
      return;
    }
    const found = ROUTES.find(
      ({ pattern, method }) => method === request.method && pattern.test(request.url ?? ''),
    );
    if (found === undefined) {
      response.writeHead(404).end('no such operation');
      return;
    }
    const { operationId, carveOut = 'none', kind } = found.operation;
    if (account === undefined && carveOut !== 'none') {
      response.writeHead(401).end(WHO);
      return;
    }
    const id = found.pattern.exec(request.url ?? '')?.[1] ?? '';
    if (kind === 'write') revisions.set(`${carveOut} ${id}`, revisionOf(carveOut, id) + 1);
    const revision = revisionOf(carveOut, id);
    const line = lineOf({ side: 'monolith', operationId, id, account: account ?? 'nobody', revision });
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    if (operationId.startsWith('export')) {
      for (let each = LINES_AT_ONCE; each < LINES; each += LINES_AT_ONCE) {
        response.write(line.repeat(LINES_AT_ONCE));
        await pause(STREAM_PAUSE_MS);
      }
      response.end(line.repeat(LINES_AT_ONCE));
    } else {
      response.end(line.repeat(LINES));
    }
  };

  await using started = new AsyncDisposableStack();
  const monolith = started.use(await startUpstream((request, response) => void answer(request, response)));
  const env: Record<string, string> = { MONOLITH_URL: monolith.url };
  for (const name of CARVE_OUTS) {
    const service = started.use(await startTestService(0, Owner.MONOLITH, name));
    serve(service, name, revisionOf);
    env[`${name.toUpperCase()}_TARGET`] = service.target;
  }
  const running = started.move();
  return { env, revisionOf, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function serve({ behaviour }: TestService, name: string, revisionOf: Backends['revisionOf']): void {
  const said = (id: string) => ({ ...flightOf(BigInt(id)), number: name, revision: revisionOf(name, id) });
  behaviour.getFlight = (call, answer) => answer(null, { flight: said(String(call.request.flightId)) });
  behaviour.listFlights = async (call) => {
    const flight = said(call.request.cursor);
    for (let each = 0; each < LINES; each += LINES_AT_ONCE) {
      if (each > 0) await pause(STREAM_PAUSE_MS);
      call.write({ flights: Array.from({ length: LINES_AT_ONCE }, () => flight), cursor: '' });
    }
    call.end();
  };
}
