import type {
  AnyMethod,
  CallContext,
  Definition,
  RequestOf,
  ResponseOf,
  ServedService,
} from '../handlers.ts';

/** What a job needs to know of the method that it calls, beside its handler. */
export type JobRule<M> = {
  /**
   * Throws what the handler would throw before it does anything: for a role, for data of another, for a field. A job
   * is refused with it when it is created.
   */
  check(request: RequestOf<M>, context: CallContext<'user'>): Promise<unknown> | unknown;
  /** The request under an idempotency key, for a method that writes: a job that begins anew writes nothing twice. */
  keyed?(request: RequestOf<M>, key: string): RequestOf<M>;
  /** The answer to the request that was sent, of that to the one under a key. */
  answered?(response: ResponseOf<M>, sent: RequestOf<M>): ResponseOf<M>;
};

export type JobRules<D extends Definition> = { readonly [M in keyof D]?: JobRule<D[M]> };

/** A method that can be run as a job. */
export type JobMethod = {
  /** As in "billing.v1.BillingService/CreateStatement". */
  readonly name: string;
  readonly method: AnyMethod;
  readonly handle: (request: unknown, context: CallContext<'user'>) => unknown;
  readonly rule: JobRule<AnyMethod>;
};

export type JobMethods = ReadonlyMap<string, JobMethod>;

/** The methods of a service that can be run as jobs, by their names; `service` serves `definition`. */
export function jobMethodsOf<D extends Definition>(
  definition: D,
  service: ServedService,
  rules: JobRules<D>,
): JobMethods {
  const methods = Object.entries(rules).map(([key, rule]): JobMethod => {
    const method = definition[key];
    const handle = service.handlers[key];
    if (!method || !handle || service.access !== 'user') throw new Error(`${key} cannot be run as a job`);
    return {
      name: method.path.slice(1),
      method,
      handle: handle as JobMethod['handle'],
      rule: rule as JobRule<AnyMethod>,
    };
  });
  return new Map(methods.map((each) => [each.name, each]));
}
