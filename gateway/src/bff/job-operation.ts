import type { Answer } from '../carve-out/answer.ts';
import type { FailureKind, TranslationContext } from '../carve-out/define.ts';
import type { TranslationRequest } from '../carve-out/request.ts';
import type { ReadParameters } from '../routing/path-parameters.ts';
import type { AnyMethod } from '../translate/calls.ts';
import type { ActiveCarveOut, CarvedOperation } from '../translate/carved-operation.ts';
import type { CallMaker } from '../translate/service-client.ts';

/** An operation one of whose calls can be a job: it is run once to make the job, and again to tell its result. */
export type JobOperation = {
  readonly operationId: string;
  readonly kind: 'read' | 'write';
  readonly readParameters: ReadParameters;
  /** The call that a job stands for. */
  readonly method: AnyMethod;
  handle(request: TranslationRequest, calls: CallMaker, context: TranslationContext): Promise<Answer>;
  failure(kind: FailureKind): Answer;
};

/** Undefined where the operation's carve-out names no job for it. */
export function jobOperationOf(carved: CarvedOperation): JobOperation | undefined {
  const { active, translation, operation } = carved;
  if (translation.job === undefined) return undefined;
  const { operationId } = operation;
  return {
    operationId,
    kind: translation.kind,
    readParameters: carved.readParameters,
    method: jobMethodOf(active, operationId, translation.job),
    handle: (request, calls, context) => translation.handle(request, active.bind(calls) as never, context),
    failure: (kind) => active.carveOut.failure(kind, operationId),
  };
}

/** A name that the service does not know is a fault of the carve-out's, said at the start. */
export function jobMethodOf(active: ActiveCarveOut, operationId: string, job: string): AnyMethod {
  const method = active.methodOf(job);
  if (method !== undefined) return method;
  throw new Error(
    `${active.carveOut.name}: ${operationId} has the job ${job}, which its service does not have`,
  );
}

/** As `jobs.v1` names a method: without gRPC's leading slash. */
export function methodName({ path }: Pick<AnyMethod, 'path'>): string {
  return path.slice(1);
}
