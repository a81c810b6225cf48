import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { until } from '@banyan/stack/testing/until';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

const DEADLINE_MS = 30_000;

/** As it was sent; ids in hexadecimal digits. */
export type ReceivedSpan = {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it has none. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: 'server' | 'client' | 'other';
  readonly attributes: Readonly<Record<string, unknown>>;
};

export type Collector = AsyncDisposable & {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Everything that was sent, as it was sent. */
  readonly bytes: readonly Buffer[];
  /** Requests so far, answered or not. */
  readonly requests: number;
  /** Waits for so many spans, and gives all there are. */
  until(count: number): Promise<readonly ReceivedSpan[]>;
};

/** Takes OTLP over HTTP as protobuf at /v1/traces. With `hangs` it reads what is sent, and never answers. */
export async function startCollector({ hangs = false } = {}): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const bytes: Buffer[] = [];
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (hangs) return;
      if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/x-protobuf') {
        response.writeHead(400).end();
        return;
      }
      const body = Buffer.concat(chunks);
      bytes.push(body);
      spans.push(...readRequest(body));
      // A connection that is kept would count as one that the gateway has left behind.
      response.writeHead(200, { 'content-type': 'application/x-protobuf', connection: 'close' }).end();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bytes,
    get requests() {
      return requests;
    },
    until: async (count) => {
      await until(() => spans.length >= count, { deadlineMs: DEADLINE_MS, what: `the ${count} spans` });
      return spans;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A message by its field numbers: nested messages and texts as bytes, all of them, in order. */
type Fields = Map<number, (Buffer | bigint | number)[]>;

function readFields(bytes: Buffer): Fields {
  const reader = new BinaryReader(bytes);
  const fields: Fields = new Map();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const value = (() => {
      switch (type) {
        case WireType.LengthDelimited:
          return Buffer.from(reader.bytes());
        case WireType.Varint:
          return BigInt(reader.int64());
        case WireType.Bit64:
          return reader.double();
        default:
          return reader.fixed32();
      }
    })();
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields | undefined, number: number): Fields[] =>
  (fields?.get(number) ?? []).map((each) => readFields(each as Buffer));
const bytesOf = (fields: Fields, number: number): Buffer =>
  (fields.get(number)?.[0] ?? Buffer.of()) as Buffer;

/** Field numbers of opentelemetry/proto: collector/trace/v1, trace/v1, resource/v1, common/v1. */
function readRequest(body: Buffer): ReceivedSpan[] {
  return messages(readFields(body), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1);
    const service = String(readAttributes(messages(resource, 1))['service.name']);
    return messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => readSpan(service, span)),
    );
  });
}

function readSpan(service: string, span: Fields): ReceivedSpan {
  const kind = Number(span.get(6)?.[0]);
  return {
    service,
    traceId: bytesOf(span, 1).toString('hex'),
    spanId: bytesOf(span, 2).toString('hex'),
    traceState: bytesOf(span, 3).toString(),
    parentSpanId: bytesOf(span, 4).toString('hex'),
    name: bytesOf(span, 5).toString(),
    kind: kind === 2 ? 'server' : kind === 3 ? 'client' : 'other',
    attributes: readAttributes(messages(span, 9)),
  };
}

function readAttributes(pairs: readonly Fields[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const value = readFields(bytesOf(pair, 2));
      const [[number, [first] = []] = [0]] = [...value];
      return [bytesOf(pair, 1).toString(), number === 1 ? String(first) : Number(first)];
    }),
  );
}
