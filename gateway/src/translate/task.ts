import type { Metadata } from '@grpc/grpc-js';
import type { Answer } from '../carve-out/answer.ts';
import type { FailureKind, TranslationContext } from '../carve-out/define.ts';
import { BODY_BYTES_MAX } from '../carve-out/fields.ts';
import type { TranslationRequest } from '../carve-out/request.ts';
import type { ReadParameters } from '../routing/path-parameters.ts';
import type { Calls } from './calls.ts';
import type { CarvedOperation } from './carved-operation.ts';
import type { ServiceLink } from './service-link.ts';

/** What is answered here with the help of one service: a translation, or a path of the gateway's own. */
export type Task = {
  /** Of the service, for which the caller's identity is signed. */
  readonly audience: string;
  readonly kind: 'read' | 'write';
  readonly deadlineMs: number;
  readonly bodyBytesMax: number;
  readonly link: ServiceLink;
  readonly metadataOf: (token: string) => Metadata;
  readonly readParameters: ReadParameters;
  handle(request: TranslationRequest, calls: Calls, context: TranslationContext): Promise<Answer>;
  /** What is answered where the service is not to be had, or failed. */
  failure(kind: FailureKind): Answer;
};

export function translationTask(carved: CarvedOperation): Task {
  const { active, translation, deadlineMs, readParameters } = carved;
  const { operationId } = carved.operation;
  return {
    audience: active.carveOut.name,
    kind: translation.kind,
    deadlineMs,
    bodyBytesMax: translation.bodyBytesMax ?? BODY_BYTES_MAX,
    link: active.link,
    metadataOf: active.metadataOf,
    readParameters,
    handle: (request, calls, context) => translation.handle(request, active.bind(calls) as never, context),
    failure: (kind) => active.carveOut.failure(kind, operationId),
  };
}
