import type { Answer, HeaderLine } from '../carve-out/answer.ts';
import type { Identity } from '../carve-out/identity.ts';
import type { RequestHeaders } from '../carve-out/request.ts';

/** What is needed to know who is calling. */
export type IdentityQuestion = {
  readonly headers: RequestHeaders;
  /** Name of the carve-out that the signed identity is for. */
  readonly audience: string;
};

export type KnownCaller = {
  readonly kind: 'known';
  readonly identity: Identity;
  /**
   * Lines that the monolith would have added to its answer, such as the session cookie's renewal. Absent where it
   * would have added none.
   */
  readonly renew?: (now: Date) => readonly HeaderLine[];
  /** The signed identity for the audience. The same text as long as it stands: what is made of it is kept. */
  readonly token: string;
};

/**
 * `relay`: the monolith knows no such caller, and this is its answer. `unavailable`: the monolith could not be
 * asked, and the caller is none of those known.
 */
export type IdentityAnswer =
  | KnownCaller
  | { readonly kind: 'relay'; readonly answer: Answer }
  | { readonly kind: 'unavailable' };

/** Says who is calling. Never rejects but for the signal's abort; bounds its own waits. */
export type IdentitySource = {
  identify(question: IdentityQuestion, signal: AbortSignal): Promise<IdentityAnswer>;
};
