/** The service answered, but not with an answer: the gateway treats it as if it were away. */
export class ServiceNonsense extends Error {
  override readonly name = 'ServiceNonsense';
}

/** What an answer must hold; without it, it is nonsense. `what` is for the log. */
export function required<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new ServiceNonsense(`the service's answer has no ${what}`);
  return value;
}
