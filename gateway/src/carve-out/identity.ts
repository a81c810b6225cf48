/** Who is calling, as the monolith said. */
export type Identity = {
  /** Decimal text: ids do not pass through floats. */
  readonly account: string;
  readonly role: string;
  readonly name: string;
  readonly via: 'session' | 'api_key';
};
