import {
  type Answer,
  defineCarveOut,
  expressBody,
  expressRaw,
  required,
  type Translation,
} from '@banyan/gateway/carve-out';
import { LINES, LINES_AT_ONCE, lineOf } from './answers.ts';
import { CARVE_OUTS, OPERATIONS } from './operations.ts';

const TEXT = 'text/plain; charset=utf-8';
/** A busy machine is no fault: only what hangs is late. */
const DEADLINE_MS = 15_000;

const load = async () => (await import('@banyan/contracts/directory/v1/directory')).DirectoryServiceClient;
type Client = InstanceType<Awaited<ReturnType<typeof load>>>;

/** In one piece. */
const read = (operationId: string): Translation<Client> => ({
  kind: 'read',
  handle: async (request, service, { identity: { account } }) => {
    const id = request.params.id as string;
    const { flight } = await service.getFlight({ flightId: BigInt(id) });
    const { number: side, revision } = required(flight, 'flight');
    const text = lineOf({ side, operationId, id, account, revision }).repeat(LINES);
    return expressBody(request, 200, TEXT, Buffer.from(text));
  },
});

/** As a stream. */
const exportOf = (operationId: string): Translation<Client> => ({
  kind: 'read',
  handle: async (request, service, { identity: { account } }) => {
    const id = request.params.id as string;
    const messages = service.listFlights({ cursor: id })[Symbol.asyncIterator]();
    let batch = await messages.next();
    async function* lines(): AsyncGenerator<Buffer> {
      try {
        for (; !batch.done; batch = await messages.next()) {
          const said = batch.value.flights.map(({ number: side, revision }) =>
            lineOf({ side, operationId, id, account, revision }),
          );
          yield Buffer.from(said.join(''));
        }
      } finally {
        await messages.return?.();
      }
    }
    return expressRaw(200, [['Content-Type', TEXT]], lines());
  },
});

/** The monolith owns all through, so no service is ever asked for a change. */
const write: Translation<Client> = {
  kind: 'write',
  handle: async () => {
    throw new Error('a write went to a service');
  },
};

const failure = (kind: string): Answer => expressRaw(500, [['Content-Type', TEXT]], Buffer.from(kind));

export const STREAM_BATCHES = LINES / LINES_AT_ONCE;

export const FLEET_CARVE_OUTS = CARVE_OUTS.map((name) =>
  defineCarveOut<Record<string, { parameters: { path: { id: string } } }>>()({
    name,
    aggregate: name,
    client: load,
    targetVariable: `${name.toUpperCase()}_TARGET`,
    deadlineMs: DEADLINE_MS,
    operations: Object.fromEntries(
      OPERATIONS.filter(({ carveOut }) => carveOut === name).map(({ operationId, kind }) => {
        if (kind === 'write') return [operationId, write];
        return [operationId, operationId.startsWith('export') ? exportOf(operationId) : read(operationId)];
      }),
    ),
    failure,
  }),
);
