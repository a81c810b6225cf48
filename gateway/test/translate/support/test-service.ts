import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import {
  type DirectoryServiceServer,
  DirectoryServiceService,
  type Flight,
  FlightStatus,
  type GetAccountRequest,
  type GetAccountResponse,
  type GetFlightRequest,
  type GetFlightResponse,
  type ListFlightsRequest,
  type ListFlightsResponse,
} from '@banyan/contracts/directory/v1/directory';
import {
  Owner,
  type OwnershipServiceServer,
  OwnershipServiceService,
  ServiceData,
  type WatchOwnershipRequest,
  type WatchOwnershipResponse,
} from '@banyan/contracts/ownership/v1/ownership';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { addFakeJobs, type FakeJobs } from '../../bff/support/fake-jobs.ts';

/** What the test service does; each test replaces what it is about. */
export type Behaviour = {
  getFlight: (
    call: ServerUnaryCall<GetFlightRequest, GetFlightResponse>,
    answer: sendUnaryData<GetFlightResponse>,
  ) => void;
  /** Stands for a write. */
  getAccount: (
    call: ServerUnaryCall<GetAccountRequest, GetAccountResponse>,
    answer: sendUnaryData<GetAccountResponse>,
  ) => void;
  listFlights: (call: ServerWritableStream<ListFlightsRequest, ListFlightsResponse>) => void;
};

export type TestService = AsyncDisposable & {
  readonly jobs: FakeJobs;
  readonly port: number;
  readonly target: string;
  readonly behaviour: Behaviour;
  /** What it says that it can read stays as it is where none is given: at first, the monolith's tables. */
  setOwner(owner: Owner, epoch: bigint, data?: ServiceData): void;
  /** Stops taking calls, lets those under way end. */
  drain(): Promise<void>;
  kill(): void;
};

export function flightOf(id: bigint): Flight {
  return {
    id,
    number: `MA${id}`,
    origin: undefined,
    destination: undefined,
    departsAt: undefined,
    arrivesAt: undefined,
    aircraft: 'A320',
    aircraftName: 'Airbus A320',
    cabin: undefined,
    status: FlightStatus.SCHEDULED,
    gate: undefined,
    baseFare: undefined,
    revision: 1,
    updatedAt: undefined,
  };
}

export async function startTestService(
  port = 0,
  owner: Owner = Owner.SERVICE,
  aggregate = 'flights',
): Promise<TestService> {
  const behaviour: Behaviour = {
    getFlight: (call, answer) => answer(null, { flight: flightOf(call.request.flightId) }),
    getAccount: (call, answer) =>
      answer(null, {
        account: { id: call.request.accountId, name: 'Ann', email: 'ann@example.com', role: 'ROLE_CUSTOMER' },
      }),
    listFlights: (call) => {
      for (const id of [1n, 2n, 3n]) call.write({ flights: [flightOf(id)], cursor: '' });
      call.end();
    },
  };
  let data: ServiceData = ServiceData.SHARED;
  let ownership: WatchOwnershipResponse = {
    ownerships: [{ aggregate, owner, epoch: 1n, data }],
  };
  const watchers = new Set<ServerWritableStream<WatchOwnershipRequest, WatchOwnershipResponse>>();
  const health = new Set<ServerWritableStream<unknown, Buffer>>();
  const server = new Server();
  const directory: DirectoryServiceServer = {
    getFlight: (call, answer) => behaviour.getFlight(call, answer),
    listFlights: (call) => behaviour.listFlights(call),
    getAccount: (call, answer) => behaviour.getAccount(call, answer),
    listAccounts: (call) => call.end(),
  };
  server.addService(DirectoryServiceService, directory);
  const owners: OwnershipServiceServer = {
    listOwnership: (_call, answer) => answer(null, ownership),
    watchOwnership: (call) => {
      call.write(ownership);
      watchers.add(call);
      call.on('cancelled', () => watchers.delete(call));
    },
  };
  server.addService(OwnershipServiceService, owners);
  const jobs = addFakeJobs(server);
  const asIs = (bytes: Buffer): Buffer => bytes;
  server.addService(
    {
      Watch: {
        path: '/grpc.health.v1.Health/Watch',
        requestStream: false,
        responseStream: true,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    },
    {
      Watch: (call: ServerWritableStream<unknown, Buffer>) => {
        call.write(Buffer.from([0x08, 1]));
        health.add(call);
        call.on('cancelled', () => health.delete(call));
      },
    },
  );
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, at) =>
      error ? reject(error) : resolve(at),
    );
  });
  const endWatches = (): void => {
    for (const watch of [...watchers, ...health]) watch.end();
  };
  return {
    jobs,
    port: bound,
    target: `127.0.0.1:${bound}`,
    behaviour,
    setOwner: (next, epoch, nextData = data) => {
      data = nextData;
      ownership = { ownerships: [{ aggregate, owner: next, epoch, data }] };
      for (const watch of watchers) watch.write(ownership);
    },
    drain: () =>
      new Promise((resolve) => {
        server.tryShutdown(() => resolve());
        endWatches();
      }),
    kill: () => server.forceShutdown(),
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

/** A server that accepts connections and says what no gRPC server says. */
export async function startGarbage(bytes: string): Promise<{ target: string } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: NetServer = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
    socket.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
