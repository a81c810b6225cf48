import type { ChannelCredentials, Client, ClientOptions, ServiceDefinition } from '@grpc/grpc-js';
import { templateFault } from '../routing/path-template.ts';
import type { Answer } from './answer.ts';
import { type CompareOptions, compareOptionsFault } from './compare-options.ts';
import type { DataPlan } from './data-plan.ts';
import type { Identity } from './identity.ts';
import type { TranslationRequest } from './request.ts';
import type { ServiceCalls } from './service-calls.ts';

/** A client as ts-proto generates it (`outputServices=grpc-js`). */
export type ServiceClientConstructor<ServiceClient> = {
  new (address: string, credentials: ChannelCredentials, options?: Partial<ClientOptions>): ServiceClient;
  readonly serviceName: string;
  readonly service: ServiceDefinition;
};

/** What a translation has besides request and service. */
export type TranslationContext = {
  readonly identity: Identity;
  /** The one time that this request is answered at. */
  readonly now: Date;
  /** Aborted when the client has left or the deadline has passed. A write's only by its deadline. */
  readonly signal: AbortSignal;
};

/**
 * One operation, REST to gRPC and back.
 *
 * A `read` may be called twice where the service did not answer, and ends when the client leaves. A `write` is
 * sent once, and once its body has been received it runs to its own deadline, whoever is still there to hear.
 */
export type Translation<ServiceClient, Param extends string = string, Query extends string = string> = {
  readonly kind: 'read' | 'write';
  /** Where it is not the carve-out's. */
  readonly deadlineMs?: number;
  /** Of a request's body, where 1 MiB is too little: 3 MiB at most. What a service is sent has at most 4. */
  readonly bodyBytesMax?: number;
  /** Of a read: how its answers are compared with the monolith's at `shadow`. Default: nothing is left out. */
  readonly compare?: CompareOptions;
  /**
   * The call that holds its work, which the service can also do as a job: for a client that sends `Prefer:
   * respond-async`. `handle` then runs twice, up to that call and again over what it answered; so it lets pass what is
   * thrown that is no refusal, and reads of the head `Accept`, `Accept-Language` and what describes the body alone.
   */
  readonly job?: JobName<ServiceClient>;
  handle(
    request: TranslationRequest<Param, Query>,
    service: ServiceCalls<ServiceClient>,
    context: TranslationContext,
  ): Promise<Answer>;
};

/** Names of a service's calls. */
export type JobName<ServiceClient> = keyof ServiceCalls<ServiceClient> & string;

/** Where an operation of the gateway's own may be. `/bff/jobs` is taken. */
export type BffPath = `/bff/${string}`;

/**
 * An operation that the monolith never had, always done as a job. It is there where its carve-out is active, and
 * refused while the monolith owns the aggregate. `handle` runs twice, as that of a translation with a `job`; errors
 * are problems (`problemAnswer`).
 */
export type BffOperation<ServiceClient> = {
  readonly method: 'POST';
  /** With parameters in braces, as an OpenAPI path has them. */
  readonly path: BffPath;
  readonly job: JobName<ServiceClient>;
  /** Of a request's body. Default: 1 MiB. */
  readonly bodyBytesMax?: number;
  handle(
    request: TranslationRequest,
    service: ServiceCalls<ServiceClient>,
    context: TranslationContext,
  ): Promise<Answer>;
};

/**
 * Why the gateway answers where the service did not. `unavailable`: it cannot be reached, has too much to do, or
 * answered nonsense. `late`: its deadline passed. `internal`: it failed by itself, or its translation did.
 */
export type FailureKind = 'unavailable' | 'late' | 'internal';

/** Operations as openapi-typescript generates them: an interface with a member for each operationId. */
type OperationNamed<Operations, Id extends keyof Operations> = Operations[Id];

/** Names of an operation's path parameters, such as `'id'`. */
export type ParamsOf<Operation> = Operation extends { parameters: { path: infer Path } }
  ? keyof Path & string
  : never;

/** Names of an operation's query parameters. */
export type QueryOf<Operation> = Operation extends { parameters: { query?: infer Query } }
  ? [NonNullable<Query>] extends [never]
    ? never
    : keyof NonNullable<Query> & string
  : never;

/**
 * What the contract says that an operation answers as JSON with a status:
 * `ResponseBody<operations, 'getInvoice', 200>`. A translation that builds it by this type stops compiling when the
 * contract changes.
 */
export type ResponseBody<
  Operations,
  Id extends keyof Operations,
  Status extends number,
> = Operations[Id] extends { responses: Record<Status, { content: { 'application/json': infer Body } }> }
  ? Body
  : never;

/** A bounded context on its way out of the monolith. `defineCarveOut` says what is in it. */
export type CarveOut<ServiceClient = Client, Operations = Record<string, unknown>> = {
  /** As metrics, `/readyz` and flags call it: lower case, such as `billing`. Also the identity's audience. */
  readonly name: string;
  /** Whose owner writes follow, by the name that `banyan.own` has for it. */
  readonly aggregate: string;
  /**
   * Loads the service's client: `async () => (await import('@banyan/contracts/…')).BillingServiceClient`. Called
   * only where the target is set, so that nobody else pays for loading gRPC.
   */
  readonly client: () => Promise<ServiceClientConstructor<ServiceClient>>;
  /** Environment variable of the service's address, such as `BILLING_TARGET`; unset, the carve-out is inactive. */
  readonly targetVariable: string;
  /** From the whole request to the answer's head, and from one message of a stream to the next. */
  readonly deadlineMs: number;
  /** By the contract's operationIds. */
  readonly operations: {
    readonly [Id in keyof Operations]?: Translation<
      ServiceClient,
      ParamsOf<OperationNamed<Operations, Id>>,
      QueryOf<OperationNamed<Operations, Id>>
    >;
  };
  /** By names of their own, that of no operation of the contract. */
  readonly bff?: Readonly<Record<string, BffOperation<ServiceClient>>>;
  /** The contract's own answer to a failure, with Retry-After where the client may try again. */
  failure(kind: FailureKind, operationId: keyof Operations & string): Answer;
  readonly dataPlan?: DataPlan;
};

/** Any carve-out, for whoever runs them all alike. */
// biome-ignore lint/suspicious/noExplicitAny: a carve-out of one client is no carve-out of `Client`: its handlers take more
export type AnyCarveOut = CarveOut<any, any>;

/**
 * Declares a carve-out, typed from both sides: `operations` of the contract's generated types names what exists,
 * with its parameters; the client names the calls.
 *
 *     import type { operations } from '@banyan/openapi/generated/legacy';
 *     export const carveOut = defineCarveOut<operations>()({
 *       name: 'billing',
 *       client: async () => (await import('@banyan/contracts/billing/v1/billing')).BillingServiceClient,
 *       …
 *     });
 *
 * The module exports it as `carveOut`, and the configuration names the module.
 */
export function defineCarveOut<Operations>(): <ServiceClient>(
  carveOut: CarveOut<ServiceClient, Operations>,
) => CarveOut<ServiceClient, Operations> {
  return (carveOut) => carveOut;
}

/** What keeps a configuration file's value from being a carve-out; nothing, if it is one. */
export function carveOutFault(value: unknown): string | undefined {
  const { name, aggregate, client, targetVariable, deadlineMs, operations, bff, failure } = (value ??
    {}) as Partial<Record<keyof AnyCarveOut, unknown>>;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name) || TAKEN_NAMES.includes(name)) {
    return `must have a name of lower-case letters, digits and dashes, other than ${TAKEN_NAMES.join(' and ')}`;
  }
  if (typeof aggregate !== 'string' || aggregate === '') return 'must name its aggregate';
  if (typeof targetVariable !== 'string' || !/^[A-Z][A-Z0-9_]*$/.test(targetVariable)) {
    return 'must name the variable of its target, such as BILLING_TARGET';
  }
  if (typeof client !== 'function' || typeof failure !== 'function') {
    return 'must have the functions client and failure';
  }
  if (!Number.isInteger(deadlineMs) || Number(deadlineMs) < 1) return 'must have a deadlineMs of at least 1';
  if (typeof operations !== 'object' || operations === null) return 'must have operations';
  const odd = Object.entries(operations).find(([, each]) => !isTranslation(each));
  if (odd !== undefined) return `must have a kind and a handle for ${odd[0]}`;
  for (const [operationId, translation] of Object.entries(operations)) {
    if (!isBodyBound(translation.bodyBytesMax))
      return `must have a bodyBytesMax of at most ${BODY_BYTES_MAX_LARGEST} for ${operationId}`;
    if (!isJobName(translation.job)) return `must name a call of its service as the job of ${operationId}`;
    const fault = compareFault(translation);
    if (fault !== undefined) return `must have a valid compare for ${operationId}: ${fault}`;
  }
  return bff === undefined ? undefined : bffFault(bff, operations);
}

/** Of backends that are no carve-outs. */
const TAKEN_NAMES = ['monolith', 'bff'];

function isJobName(job: unknown): boolean {
  return job === undefined || (typeof job === 'string' && job !== '');
}

function bffFault(bff: unknown, operations: object): string | undefined {
  if (typeof bff !== 'object' || bff === null) return 'must have an object as bff';
  for (const [operationId, value] of Object.entries(bff)) {
    const { method, path, job, handle, bodyBytesMax } = (value ?? {}) as Partial<
      Record<keyof BffOperation<unknown>, unknown>
    >;
    if (Object.hasOwn(operations, operationId)) return `must not have ${operationId} twice`;
    if (method !== 'POST' || typeof handle !== 'function' || job === undefined || !isJobName(job))
      return `must have the method POST, a job and a handle for ${operationId}`;
    if (typeof path !== 'string' || !/^\/bff\/(?!jobs(\/|$))/.test(path) || templateFault(path) !== undefined)
      return `must have a path below /bff/, and not below /bff/jobs, for ${operationId}`;
    if (!isBodyBound(bodyBytesMax))
      return `must have a bodyBytesMax of at most ${BODY_BYTES_MAX_LARGEST} for ${operationId}`;
  }
  return undefined;
}

function isTranslation(value: unknown): boolean {
  const { kind, handle } = (value ?? {}) as { kind?: unknown; handle?: unknown };
  return (kind === 'read' || kind === 'write') && typeof handle === 'function';
}

const BODY_BYTES_MAX_LARGEST = 3_145_728;

function isBodyBound(bytes: unknown): boolean {
  return (
    bytes === undefined ||
    (Number.isInteger(bytes) && Number(bytes) >= 0 && Number(bytes) <= BODY_BYTES_MAX_LARGEST)
  );
}

function compareFault({ kind, compare }: Pick<Translation<unknown>, 'kind' | 'compare'>): string | undefined {
  if (compare === undefined) return undefined;
  return kind === 'write' ? 'a write is never compared' : compareOptionsFault(compare);
}
