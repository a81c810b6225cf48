/** The methods that an OpenAPI path can have. */
export const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'] as const;
export type Method = (typeof METHODS)[number];

/** One method and path of the contract, by its name. */
export type Operation = {
  readonly operationId: string;
  readonly method: Method;
  /** The contract's template, with the servers' base path in front, such as `/api/v1/bookings/{id}`. */
  readonly path: string;
};
