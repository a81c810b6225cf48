import { Metadata, type ServiceDefinition } from '@grpc/grpc-js';
import type { AnyMethod, Calls } from './calls.ts';

/** Key of the signed identity in a call's metadata. */
const IDENTITY_KEY = 'banyan-identity';
/** Of callers known lately; twice as many are kept. */
const KEPT_MAX = 4_096;

/** What a translation is given as its service: the calls by their names, each with its types from the carve-out. */
export type BoundService = Readonly<Record<string, (request: unknown) => unknown>>;

/** Who makes the calls that a translation asks for. */
export type CallMaker = Pick<Calls, 'unary' | 'stream'>;

/** Binds a service's methods to the calls of one translation. The class is made once, an object per translation. */
export function createServiceBinder(definition: ServiceDefinition): (calls: CallMaker) => BoundService {
  class Bound {
    readonly calls: CallMaker;
    constructor(calls: CallMaker) {
      this.calls = calls;
    }
  }
  for (const [name, method] of Object.entries(definition)) {
    const typed = method as AnyMethod;
    // A call that the client feeds with a stream has no translation: requests are read whole, and bounded.
    if (typed.requestStream) continue;
    const call = typed.responseStream
      ? function (this: Bound, request: unknown) {
          return this.calls.stream(typed, request);
        }
      : function (this: Bound, request: unknown) {
          return this.calls.unary(typed, request);
        };
    Object.defineProperty(Bound.prototype, methodName(name), { value: call });
  }
  return (calls) => new Bound(calls) as unknown as BoundService;
}

/** The method that a client has by this name; undefined where it has none that a translation can call. */
export function methodNamed(definition: ServiceDefinition, name: string): AnyMethod | undefined {
  const found = Object.entries(definition).find(([each]) => methodName(each) === name)?.[1];
  return found?.requestStream === false ? found : undefined;
}

/** As ts-proto names a client's methods. */
function methodName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/**
 * Metadata with a caller's signed identity and nothing else: no header of a client gets into it. Kept by the token,
 * since one caller's calls all have the same; grpc-js copies what it sends.
 */
export function createIdentityMetadata(): (token: string) => Metadata {
  let recent = new Map<string, Metadata>();
  let older = new Map<string, Metadata>();
  return (token) => {
    const found = recent.get(token) ?? older.get(token);
    if (found !== undefined) return found;
    const made = new Metadata();
    made.set(IDENTITY_KEY, token);
    if (recent.size >= KEPT_MAX) {
      older = recent;
      recent = new Map();
    }
    recent.set(token, made);
    return made;
  };
}
