import type { Fault } from '@banyan/openapi/generated/admin';
import type { Author } from '../rollout/flags.ts';
import { faultOf, type Read, type Rule, readMembers, reason, refuseFaults } from './members.ts';
import { Refusal } from './problem.ts';

/** A change as it arrived: its bearer may write, its body is JSON. */
export type WriteRequest = {
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The name of the token. */
  readonly by: string;
  /** Address of the client. */
  readonly client: string;
  readonly ifMatch: string | undefined;
  readonly onBehalfOf: string | undefined;
};

type Rules = Readonly<Record<string, Rule<unknown>>>;
type Values<R extends Rules> = ReturnType<typeof readMembers<R>>['values'];

/**
 * Reads body and headers of a change, or throws the refusal that names everything that is wrong with them. `join`
 * adds the faults of members that do not go together: it is given those that could be read, and the names of all that
 * are there. Every change has a reason.
 */
export function readWrite<const R extends Rules>(
  request: WriteRequest,
  rules: R,
  required: readonly (keyof R & string)[],
  join: (values: Values<R>, has: (name: string) => boolean) => readonly Fault[] = () => [],
): { readonly values: Values<R>; readonly author: Author; readonly version: number | undefined } {
  const read = readMembers(request.body, { ...rules, reason }, [...required, 'reason']);
  const values = read.values as Values<R> & { readonly reason?: string };
  const version = readVersion(request.ifMatch);
  const onBehalfOf = readOnBehalfOf(request.onBehalfOf);
  const body = typeof request.body === 'object' && request.body !== null ? request.body : undefined;
  refuseFaults([
    ...faultsOf(version),
    ...faultsOf(onBehalfOf),
    ...read.faults,
    ...(body === undefined ? [] : join(values, (name) => Object.hasOwn(body, name))),
  ]);
  const behalf = 'value' in onBehalfOf ? onBehalfOf.value : undefined;
  return {
    values,
    author: {
      by: request.by,
      ...(behalf === undefined ? {} : { onBehalfOf: behalf }),
      reason: values.reason as string,
      client: request.client,
    },
    version: 'value' in version ? version.value : undefined,
  };
}

/** The version that a change of flags is for. */
export function requireVersion(version: number | undefined): number {
  if (version !== undefined) return version;
  throw new Refusal(
    'version-required',
    'If-Match must say which version of the flags the change is for, as the ETag of the flags that were read.',
  );
}

/** Where the author has seen less than this replica serves. That a replica has seen less is for the store to say. */
export function refuseStale(expected: number, current: number): void {
  if (expected >= current) return;
  throw new Refusal(
    'stale-version',
    `The flags are at version ${current}, and the change was made for version ${expected}.`,
    { expected, current },
  );
}

function readVersion(field: string | undefined): Read<number | undefined> {
  if (field === undefined) return { value: undefined };
  const [, digits] = /^"(0|[1-9]\d{0,14})"$/.exec(field) ?? [];
  if (digits !== undefined) return { value: Number(digits) };
  const says = 'must be one version of the snapshot in double quotes, such as "42"';
  return { faults: [faultOf('If-Match', says, field)] };
}

function readOnBehalfOf(field: string | undefined): Read<string | undefined> {
  if (field === undefined || /^[ -~]{1,128}$/.test(field)) return { value: field };
  const says = 'must be 1 to 128 printable ASCII characters';
  return { faults: [faultOf('X-Banyan-On-Behalf-Of', says, field)] };
}

function faultsOf(read: Read<unknown>): readonly Fault[] {
  return 'faults' in read ? read.faults : [];
}
