import type { FailureKind } from '@banyan/gateway/carve-out';
import {
  type Answer,
  defineCarveOut,
  expressJson,
  expressRaw,
  readFields,
  required,
  ServiceRefusal,
} from '@banyan/gateway/carve-out';

/** The shape that openapi-typescript gives the test's contract. */
type Operations = {
  getFlight: { parameters: { path: { id: number } } };
  renameFlight: { parameters: { path: { id: number } } };
  pictureFlight: { parameters: { path: { id: number } } };
  exportFlights: { parameters: { query?: { from?: string } } };
};

const REQUEST = { method: 'POST', headers: { get: () => undefined, values: () => [] } };

const error = (status: number, code: string): Answer =>
  expressJson(REQUEST, status, JSON.stringify({ code }), status >= 503 ? [['Retry-After', '5']] : []);

const FAILURES: Record<FailureKind, Answer> = {
  unavailable: error(503, 'unavailable'),
  late: error(504, 'late'),
  internal: error(500, 'internal'),
};

export const PICTURE_BYTES_MAX = 2_500_000;

/** A carve-out small enough to read beside a test. Its deadline is far longer than what works takes on a busy machine. */
export const flightsCarveOut = defineCarveOut<Operations>()({
  name: 'flights',
  aggregate: 'flights',
  client: async () => (await import('@banyan/contracts/directory/v1/directory')).DirectoryServiceClient,
  targetVariable: 'FLIGHTS_TARGET',
  deadlineMs: 15_000,
  operations: {
    getFlight: {
      kind: 'read',
      job: 'getFlight',
      handle: async (request, service, { identity }) => {
        try {
          const { flight } = await service.getFlight({ flightId: BigInt(request.params.id) });
          const { id, number } = required(flight, 'flight');
          return expressJson(request, 200, `{"id":${id},"number":"${number}","for":"${identity.account}"}`);
        } catch (refusal) {
          if (refusal instanceof ServiceRefusal && refusal.reason === 'NO_FLIGHT')
            return error(404, 'no_flight');
          throw refusal;
        }
      },
    },
    renameFlight: {
      kind: 'write',
      job: 'getAccount',
      handle: async (request, service) => {
        const fields = await readFields(request);
        if (fields.kind === 'refused') {
          return error(fields.reason === 'too-large' ? 413 : 400, fields.reason);
        }
        const { account } = await service.getAccount({ accountId: BigInt(request.params.id) });
        return expressJson(request, 201, JSON.stringify({ name: fields.values.name, by: account?.name }));
      },
    },
    pictureFlight: {
      kind: 'write',
      bodyBytesMax: PICTURE_BYTES_MAX,
      handle: async (request) => {
        const body = await request.body();
        if (body.kind === 'refused') return error(413, body.reason);
        return expressJson(request, 201, JSON.stringify({ bytes: body.bytes.length }));
      },
    },
    exportFlights: {
      kind: 'read',
      job: 'listFlights',
      handle: async (request, service) => {
        const lines = [
          ['Content-Type', 'text/csv; charset=utf-8'],
          ['Trailer', 'X-Row-Count'],
        ] as const;
        let count = 0;
        const messages = service
          .listFlights({ cursor: request.lastOf('from') ?? '' })
          [Symbol.asyncIterator]();
        let batch = await messages.next();
        async function* rows(): AsyncGenerator<Buffer> {
          try {
            for (; !batch.done; batch = await messages.next()) {
              count += batch.value.flights.length;
              yield Buffer.from(batch.value.flights.map(({ number }) => `${number}\r\n`).join(''));
            }
          } finally {
            await messages.return?.();
          }
        }
        return expressRaw(200, lines, rows(), () => [['X-Row-Count', String(count)]]);
      },
    },
  },
  bff: {
    greetFlight: {
      method: 'POST',
      path: '/bff/flights/{id}/greetings',
      job: 'listAccounts',
      handle: async (request, service) => {
        let accounts = 0;
        const wanted = { afterAccountId: BigInt(request.params.id ?? 0) };
        for await (const batch of service.listAccounts(wanted)) accounts += batch.accounts.length;
        return expressJson(request, 200, JSON.stringify({ flight: request.params.id, accounts }));
      },
    },
  },
  failure: (kind) => FAILURES[kind],
});
