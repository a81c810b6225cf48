import type { SkipReason } from './shadow.ts';

/** A comparison that came to nothing: no fault, but counted. */
export class ShadowSkip extends Error {
  override readonly name = 'ShadowSkip';
  readonly reason: SkipReason;

  constructor(reason: SkipReason, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}
