import { parseArgs } from 'node:util';
import { UsageError } from '../command.ts';

/** Who the call is made for. `service` sends SERVICE_TOKEN, as services do among themselves. */
export type CallAs =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'service' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'account'; readonly account: string; readonly role: string };

/** What `banyan call` is asked to do. */
export type CallLine = {
  readonly action:
    | { readonly kind: 'list'; readonly service: string | undefined }
    | { readonly kind: 'describe'; readonly symbol: string }
    | {
        readonly kind: 'call';
        readonly service: string;
        readonly method: string;
        /** JSON, or `@` and the path of a file of it. */
        readonly body: string;
      };
  readonly target: string | undefined;
  readonly as: CallAs;
  readonly audience: string | undefined;
  /** Where it is not the default for the kind of call. */
  readonly deadlineMs: number | undefined;
  readonly json: boolean;
};

const DEADLINE_SECONDS_MAX = 86_400;

export function parseCall(args: readonly string[]): CallLine {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { positionals, values } = parsed;
  const { describe, json, target, audience } = values;
  const action = describe === undefined ? readAction(positionals) : readDescribe(describe, positionals);
  const as = readAs(values.as, values.token, values['service-token']);
  if (action.kind !== 'call' && as.kind !== 'nobody') {
    throw new UsageError('an identity is for a call: name <service/method>');
  }
  if (audience !== undefined && as.kind !== 'account') throw new UsageError('--audience is for --as');
  if (describe !== undefined && json) throw new UsageError('--describe has no --json');
  return { action, target, as, audience, deadlineMs: readDeadline(values.deadline), json };
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      target: { type: 'string' },
      as: { type: 'string' },
      token: { type: 'string' },
      'service-token': { type: 'boolean', default: false },
      audience: { type: 'string' },
      deadline: { type: 'string' },
      describe: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });

function readAction(positionals: readonly string[]): CallLine['action'] {
  const [name, body, ...more] = positionals;
  if (more.length > 0) throw new UsageError('a call has one <service/method> and one message');
  if (name === undefined) return { kind: 'list', service: undefined };
  const [service = '', method, ...rest] = name.replace(/^\//, '').split('/');
  if (service === '' || method === '' || rest.length > 0) {
    throw new UsageError(`${name} is no <service/method>, such as billing.v1.BillingService/GetInvoice`);
  }
  if (method !== undefined) return { kind: 'call', service, method, body: body ?? '{}' };
  if (body !== undefined) throw new UsageError(`${name} names no method`);
  return { kind: 'list', service };
}

function readDescribe(symbol: string, positionals: readonly string[]): CallLine['action'] {
  if (positionals.length > 0) throw new UsageError('--describe takes one name and calls nothing');
  // A method may be named as in a call.
  return { kind: 'describe', symbol: symbol.replace(/^\//, '').replace('/', '.') };
}

function readAs(as: string | undefined, token: string | undefined, isService: boolean): CallAs {
  const given = [as !== undefined, token !== undefined, isService].filter(Boolean).length;
  if (given > 1) throw new UsageError('--as, --token and --service-token exclude each other');
  if (isService) return { kind: 'service' };
  if (token !== undefined) return { kind: 'token', token };
  if (as === undefined) return { kind: 'nobody' };
  const [, account, role] = /^([1-9]\d{0,18}):([a-z][a-z_]*)$/.exec(as) ?? [];
  if (account === undefined || role === undefined) {
    throw new UsageError('--as must be an account id, a colon and a role, such as 7:customer');
  }
  return { kind: 'account', account, role };
}

function readDeadline(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0 || seconds > DEADLINE_SECONDS_MAX) {
    throw new UsageError('--deadline must be seconds, such as 10 or 0.5');
  }
  return Math.ceil(seconds * 1_000);
}
