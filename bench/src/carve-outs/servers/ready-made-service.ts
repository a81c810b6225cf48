import {
  HealthCheckResponse,
  HealthCheckResponse_ServingStatus,
} from '@banyan/contracts/grpc/health/v1/health';
import { Owner, ServiceData, WatchOwnershipResponse } from '@banyan/contracts/ownership/v1/ownership';
import {
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';

/*
 * A service that costs as little as grpc-js lets it: it asks billing once, and gives every caller the same bytes. So
 * what stands before it is what is measured.
 */
const GET_INVOICE = '/billing.v1.BillingService/GetInvoice';
const asIs = (bytes: Buffer): Buffer => bytes;

const invoice = await askBilling();
const server = new Server();
serve(GET_INVOICE, false, (_call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) =>
  answer(null, invoice),
);
serve('/ownership.v1.OwnershipService/WatchOwnership', true, (call: ServerWritableStream<Buffer, Buffer>) =>
  call.write(
    Buffer.from(
      WatchOwnershipResponse.encode({
        ownerships: [{ aggregate: 'billing', owner: Owner.SERVICE, epoch: 2n, data: ServiceData.NONE }],
      }).finish(),
    ),
  ),
);
serve('/grpc.health.v1.Health/Watch', true, (call: ServerWritableStream<Buffer, Buffer>) =>
  call.write(
    Buffer.from(HealthCheckResponse.encode({ status: HealthCheckResponse_ServingStatus.SERVING }).finish()),
  ),
);
server.bindAsync(`127.0.0.1:${process.env.PORT}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});

function serve(path: string, responseStream: boolean, handler: unknown): void {
  const [, service = '', method = ''] = path.split('/');
  const definition: MethodDefinition<Buffer, Buffer> = {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  server.addService({ [`${service}.${method}`]: definition }, { [`${service}.${method}`]: handler as never });
}

/** The request is field 1, a varint: what the generated code would write. */
function askBilling(): Promise<Buffer> {
  const billing = new Client(`127.0.0.1:${process.env.SERVICE_PORT}`, credentials.createInsecure());
  const identity = new Metadata();
  identity.set('banyan-identity', process.env.IDENTITY ?? '');
  const request = Buffer.from([0x08, Number(process.env.INVOICE_ID)]);
  return new Promise((resolve, reject) => {
    billing.makeUnaryRequest(GET_INVOICE, asIs, asIs, request, identity, (error, answer) => {
      billing.close();
      if (answer === undefined) reject(error ?? new Error('billing gave nothing'));
      else resolve(answer);
    });
  });
}
