/**
 * The one entry of the gateway that a migration's own modules import: what `banyan.config.ts` is written in.
 * Everything declared here has an effect today. A key that is not declared is refused at start, by name.
 */

export type { Answer, HeaderLine } from './carve-out/answer.ts';
export type { CompareOptions } from './carve-out/compare-options.ts';
export { isFresh, type Validators, weakEtag } from './carve-out/conditional.ts';
export type { DataPlan, SequencePlan, TablePlan } from './carve-out/data-plan.ts';
export {
  type AnyCarveOut,
  type BffOperation,
  type CarveOut,
  defineCarveOut,
  type FailureKind,
  type ParamsOf,
  type QueryOf,
  type ResponseBody,
  type ServiceClientConstructor,
  type Translation,
  type TranslationContext,
} from './carve-out/define.ts';
export {
  expressBody,
  expressJson,
  expressNotModified,
  expressRaw,
  isNotModified,
} from './carve-out/express-answers.ts';
export { type FieldsRefusal, parseForm, type RequestFields, readFields } from './carve-out/fields.ts';
export { readIdempotencyKey } from './carve-out/idempotency-key.ts';
export type { Identity } from './carve-out/identity.ts';
export {
  type AnsweredRequest,
  type Caller,
  type Credential,
  defineIdentity,
  type IdentityAdapter,
  type SessionAnswer,
} from './carve-out/identity-adapter.ts';
export { required, ServiceNonsense } from './carve-out/nonsense.ts';
export { type Problem, problemAnswer } from './carve-out/problem.ts';
export type { RequestBody, RequestHeaders, TranslationRequest } from './carve-out/request.ts';
export { type ServiceCalls, ServiceRefusal } from './carve-out/service-calls.ts';

import type { AnyCarveOut } from './carve-out/define.ts';
import type { IdentityAdapter } from './carve-out/identity-adapter.ts';

/** How the monolith's own router reads paths, so that an operation is named as the monolith would name it. */
export type Matching = {
  /** Whether `/Orders` and `/orders` are different paths. Default `false`, as in Express. */
  caseSensitive?: boolean;
  /**
   * `tolerated`: `/orders/` is `/orders` (Express's default, and the default here).
   * `strict`: they are different paths.
   */
  trailingSlash?: 'tolerated' | 'strict';
};

/** A queue in Redis, through which one consumer gets what others have written in their outboxes. */
export type Queue = {
  /** Up to 63 lower-case letters, digits and dashes, a letter first. */
  name: string;
  /**
   * The carve-out whose service takes from it, and the monolith as long as it owns what the carve-out is about.
   * `monolith`: it alone.
   */
  consumer: string;
  /**
   * Types of events, each in one queue. `rest`: what no queue names, so that its consumer says of an unknown type
   * that it is unknown; without it that is the last queue of events. `jobs`: those of the consumer itself.
   */
  takes: readonly string[] | 'rest' | 'jobs';
};

export type BanyanConfig = {
  /** Base URL of the monolith: scheme, host, port. `MONOLITH_URL` wins over it. */
  monolith: string;
  /** OpenAPI 3 document of what the monolith answers, relative to the configuration file. */
  contract?: string;
  matching?: Matching;
  /** How the monolith is asked who is calling. Every active carve-out needs it. */
  identity?: IdentityAdapter;
  /** Contexts on their way out of the monolith. Each is active where the variable of its target is set. */
  carveOuts?: readonly AnyCarveOut[];
  /** How contexts reach each other where at least one has left. Default: none, and nothing is loaded for them. */
  queues?: readonly Queue[];
  /** Views that the gateway composes. None can be named yet. */
  views?: readonly never[];
};

/** Gives the configuration its type; the gateway checks it when it starts. */
export function defineConfig(config: BanyanConfig): BanyanConfig {
  return config;
}
