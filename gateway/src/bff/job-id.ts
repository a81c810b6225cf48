/** A job's name to clients: its service's name, a dash, and the service's own id of it. */
export type JobName = { readonly service: string; readonly id: string };

const FORM = /^([a-z][a-z0-9-]*)-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** Undefined for a text that names no job of any service. */
export function parseJobName(text: string): JobName | undefined {
  const [, service, id] = FORM.exec(text) ?? [];
  return service === undefined || id === undefined ? undefined : { service, id };
}

export function jobPath({ service, id }: JobName): string {
  return `/bff/jobs/${service}-${id}`;
}
