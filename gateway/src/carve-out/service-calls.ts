import type { Client, ClientReadableStream, ClientUnaryCall } from '@grpc/grpc-js';

/**
 * The calls of a service, typed by its ts-proto client: a unary call gives a promise, a server stream an iterable.
 * Each already carries the caller's signed identity, a deadline and the client's cancellation.
 *
 * What comes instead of an answer is thrown: a `ServiceRefusal`, which a translation turns into the contract's
 * error; or the service's absence, slowness or nonsense, which a translation lets pass: the gateway answers it with
 * the carve-out's `failure`.
 */
export type ServiceCalls<ServiceClient> = {
  readonly [Name in Exclude<keyof ServiceClient, keyof Client>]: CallOf<ServiceClient[Name]>;
};

// Streams first: their call object could pass for that of a unary call, not the other way round.
type CallOf<Method> = Method extends (
  request: infer Request,
  ...rest: never[]
) => ClientReadableStream<infer Response>
  ? (request: Request) => AsyncIterable<Response>
  : Method extends (
        request: infer Request,
        metadata: never,
        options: never,
        callback: (error: never, response: infer Response) => void,
      ) => ClientUnaryCall
    ? (request: Request) => Promise<Response>
    : never;

/** A `google.rpc.Status` that carries an `ErrorInfo`: the service understood, and says no. */
export class ServiceRefusal extends Error {
  override readonly name = 'ServiceRefusal';
  /** Of google.rpc.Code, which is that of gRPC. */
  readonly code: number;
  /** UPPER_SNAKE_CASE, unique within the domain. */
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of a BadRequest, in order. */
  readonly violations: readonly { readonly field: string; readonly description: string }[];
  /** Of a RetryInfo. */
  readonly retryAfterSeconds: number | undefined;

  constructor(refusal: Omit<ServiceRefusal, keyof Error>) {
    super(`${refusal.domain}: ${refusal.reason}`);
    this.code = refusal.code;
    this.reason = refusal.reason;
    this.domain = refusal.domain;
    this.metadata = refusal.metadata;
    this.violations = refusal.violations;
    this.retryAfterSeconds = refusal.retryAfterSeconds;
  }
}
