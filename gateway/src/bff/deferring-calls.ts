import { status } from '@grpc/grpc-js';
import { ServiceRefusal } from '../carve-out/service-calls.ts';
import { refusalOf } from '../channels/status-details.ts';
import type { AnyMethod, Calls } from '../translate/calls.ts';
import type { CallMaker } from '../translate/service-client.ts';
import { ServiceFailure } from '../translate/service-failure.ts';
import { methodName } from './job-operation.ts';
import { CREATE_JOB, type CreatedJob, JOBS_DOMAIN } from './job-service.ts';

/** Thrown through a translation whose call became a job. Translations let pass what is no refusal. */
export class JobCreated extends Error {
  override readonly name = 'JobCreated';
}

export type DeferringOptions = {
  readonly calls: Pick<Calls, 'unary' | 'stream'>;
  /** The call that becomes a job. */
  readonly method: AnyMethod;
  /** What the service is to give back with the result. */
  readonly origin: () => Promise<Buffer>;
  readonly idempotencyKey: string | undefined;
  /** `always`: the call is not made where the service makes no job of it. */
  readonly defers: 'where-possible' | 'always';
};

/** Calls of a translation one of which is not made but left to a job. */
export class DeferringCalls implements CallMaker {
  /** Set once there is a job. */
  created: CreatedJob | undefined = undefined;
  readonly #options: DeferringOptions;

  constructor(options: DeferringOptions) {
    this.#options = options;
  }

  async unary(method: AnyMethod, request: unknown): Promise<unknown> {
    if (method.path === this.#options.method.path) await this.#defer(request);
    return this.#options.calls.unary(method, request);
  }

  async *stream(method: AnyMethod, request: unknown): AsyncGenerator<unknown> {
    if (method.path === this.#options.method.path) await this.#defer(request);
    yield* this.#options.calls.stream(method, request);
  }

  async #defer(request: unknown): Promise<void> {
    const { calls, method, origin, idempotencyKey, defers } = this.#options;
    if (this.created !== undefined) throw new JobCreated();
    const wanted = {
      method: methodName(method),
      request: method.requestSerialize(request),
      origin: await origin(),
      idempotencyKey,
    };
    try {
      // Twice, it would be two jobs, but for those with a key.
      this.created = (await calls.unary(CREATE_JOB, wanted, idempotencyKey !== undefined)) as CreatedJob;
    } catch (error) {
      if (defers === 'where-possible' && makesNone(error)) return;
      throw error;
    }
    throw new JobCreated();
  }
}

/** The service could do it, though not as a job: too large for one, or jobs are not what it does. */
const MAKES_NONE = ['JOB_TOO_LARGE', 'JOBS_NOT_CONFIGURED', 'JOB_METHOD_UNKNOWN'];

function makesNone(error: unknown): boolean {
  if (error instanceof ServiceRefusal)
    return error.domain === JOBS_DOMAIN && MAKES_NONE.includes(error.reason);
  if (!(error instanceof ServiceFailure)) return false;
  const cause = error.cause as Parameters<typeof refusalOf>[0] | undefined;
  if (cause?.code === undefined) return false;
  // Jobs are its own, whoever owns what a read is about.
  return cause.code === status.UNIMPLEMENTED || refusalOf(cause)?.domain === JOBS_DOMAIN;
}
