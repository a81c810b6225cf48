import type { Metadata } from '@grpc/grpc-js';
import type { AnyCarveOut, Translation } from '../carve-out/define.ts';
import type { CarvedOut } from '../rollout/routes.ts';
import type { Operation } from '../routing/operation.ts';
import type { ReadParameters } from '../routing/path-parameters.ts';
import type { AnyMethod } from './calls.ts';
import type { BoundService, CallMaker } from './service-client.ts';
import type { ServiceLink } from './service-link.ts';

/** A carve-out whose service's address is known. */
export type ActiveCarveOut = {
  readonly carveOut: AnyCarveOut;
  readonly target: string;
  readonly link: ServiceLink;
  readonly bind: (calls: CallMaker) => BoundService;
  readonly metadataOf: (token: string) => Metadata;
  /** The service's method by its name in a translation. */
  readonly methodOf: (name: string) => AnyMethod | undefined;
};

/** All that is needed to translate one operation; made once. */
export type CarvedOperation = {
  readonly operation: Operation;
  readonly active: ActiveCarveOut;
  // biome-ignore lint/suspicious/noExplicitAny: as AnyCarveOut
  readonly translation: Translation<any, string, string>;
  readonly deadlineMs: number;
  readonly readParameters: ReadParameters;
  readonly carvedOut: CarvedOut;
};
