/** The side that an override asks for. */
export type Side = 'monolith' | 'service';

/** What a verified override says. Reads only: a write follows its owner whatever is asked. */
export type Override = {
  /** Unique to the token. */
  readonly id: string;
  /** By operationId or carve-out's name; the operation wins. Empty: proof headers alone. */
  readonly sides: Readonly<Record<string, Side>>;
  /** The one account that it is for; undefined: whoever carries it. */
  readonly account?: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
};
