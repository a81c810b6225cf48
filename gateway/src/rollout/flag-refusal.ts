/** Why a change of flags is refused. Each is a problem type of its own in the admin API (`/problems/<kind>`). */
export const FLAG_REFUSALS = {
  /** The stage is not legal by owner and data. */
  'unlawful-stage': 409,
  /** A single write was named: it follows its owner. */
  'write-follows-owner': 409,
  /** The service does not say that it is serving, or its breaker is not closed, and the change is not forced. */
  'service-not-serving': 409,
  /** The contract has no such operation, or it belongs to no active carve-out. */
  'unknown-operation': 404,
  'not-carved-out': 409,
  'unknown-carve-out': 404,
  'unknown-kill': 404,
  /** A field is missing, unknown or out of its range. */
  'invalid-value': 400,
  /** If-Match names another version than the one in force. */
  'stale-version': 412,
  'version-required': 428,
  /** The store of flags cannot be reached: nothing was changed. */
  'store-away': 503,
  /** The store holds less than this replica has served: it was emptied or is another one. */
  'store-behind': 409,
  /** The store is not behind, or another replica knows more. */
  'nothing-to-restore': 409,
  /** Side and operation of an override are not legal now. */
  'unlawful-override': 409,
  'invalid-override': 400,
  /** No override keys are configured. */
  'overrides-off': 409,
} as const satisfies Record<string, number>;

export type FlagRefusalKind = keyof typeof FLAG_REFUSALS;

/** A refusal by name. `detail` is a sentence for a person; `facts` are what a script needs of it. */
export class FlagRefusal extends Error {
  override readonly name = 'FlagRefusal';
  readonly kind: FlagRefusalKind;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(kind: FlagRefusalKind, detail: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.kind = kind;
    this.facts = facts;
  }

  get status(): number {
    return FLAG_REFUSALS[this.kind];
  }
}
