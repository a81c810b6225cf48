import { UsageError } from '../command.ts';
import { quoted, readReason, readWhole } from '../command-line.ts';

export const JOBS_OPTIONS = {
  watch: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  type: { type: 'string' },
  limit: { type: 'string' },
  offset: { type: 'string' },
  reason: { type: 'string' },
  target: { type: 'string' },
} as const;

export type JobsValues = {
  readonly watch: boolean;
  readonly all: boolean;
  readonly json: boolean;
  readonly type?: string | undefined;
  readonly limit?: string | undefined;
  readonly offset?: string | undefined;
  readonly reason?: string | undefined;
  readonly target?: string | undefined;
};

/** What `banyan jobs` is to do. */
export type JobsLine =
  | { readonly kind: 'queues'; readonly watched: boolean }
  | { readonly kind: 'letters'; readonly queue: string; readonly limit: number; readonly offset: number }
  | {
      readonly kind: 'inspect';
      readonly queue: string;
      readonly id: string;
      readonly target: string | undefined;
    }
  | {
      readonly kind: 'settle';
      readonly action: 'retry' | 'discard';
      readonly queue: string;
      readonly letters: { readonly id: string } | { readonly type?: string; readonly limit?: number };
      readonly reason: string;
    };

const LISTED_MAX = 200;
const LISTED_DEFAULT = 50;
const OFFSET_MAX = 1_000_000;
const SETTLED_MAX = 1_000;

/** Beside --json and --url, which all of them take. */
const TAKEN = {
  queues: ['watch'],
  letters: ['limit', 'offset'],
  inspect: ['target'],
  settle: ['all', 'type', 'limit', 'reason'],
} as const satisfies Record<JobsLine['kind'], readonly (keyof JobsValues)[]>;

export function parseJobs(values: JobsValues, [word = 'list', ...names]: readonly string[]): JobsLine {
  const [queue, id, ...more] = names;
  switch (word) {
    case 'list':
      if (id !== undefined) throw new UsageError('one queue may be named');
      return queue === undefined ? parseQueues(values) : parseLetters(values, queue);
    case 'inspect':
      if (queue === undefined || id === undefined || more.length > 0) {
        throw new UsageError('name a queue and the id of a dead letter');
      }
      refuseOthers('inspect', values);
      return { kind: 'inspect', queue, id, target: values.target };
    case 'retry':
    case 'discard':
      if (queue === undefined || more.length > 0)
        throw new UsageError('name a queue, and one dead letter or --all');
      return parseSettle(word, queue, id, values);
    default:
      throw new UsageError(`it is list, inspect, retry or discard, not ${quoted(word)}`);
  }
}

function parseQueues(values: JobsValues): JobsLine {
  refuseOthers('queues', values);
  if (values.watch && values.json) throw new UsageError('--watch and --json exclude each other');
  return { kind: 'queues', watched: values.watch };
}

function parseLetters(values: JobsValues, queue: string): JobsLine {
  refuseOthers('letters', values);
  const { limit = String(LISTED_DEFAULT), offset = '0' } = values;
  return {
    kind: 'letters',
    queue,
    limit: readWhole('limit', limit, { min: 1, max: LISTED_MAX }),
    offset: readWhole('offset', offset, { min: 0, max: OFFSET_MAX }),
  };
}

function parseSettle(
  action: 'retry' | 'discard',
  queue: string,
  id: string | undefined,
  values: JobsValues,
): JobsLine {
  refuseOthers('settle', values);
  const { all, type, limit } = values;
  if (all === (id !== undefined)) throw new UsageError('name one dead letter, or give --all');
  if (id !== undefined) {
    if (type !== undefined || limit !== undefined) throw new UsageError('--type and --limit are for --all');
    return { kind: 'settle', action, queue, letters: { id }, reason: readReason(values.reason) };
  }
  const letters = {
    ...(type === undefined ? {} : { type }),
    ...(limit === undefined ? {} : { limit: readWhole('limit', limit, { min: 1, max: SETTLED_MAX }) }),
  };
  return { kind: 'settle', action, queue, letters, reason: readReason(values.reason) };
}

/** An option without effect is a mistake. */
function refuseOthers(kind: JobsLine['kind'], values: JobsValues): void {
  const taken: readonly string[] = TAKEN[kind];
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(JOBS_OPTIONS, name) || taken.includes(name)) continue;
    if (value !== undefined && value !== false) throw new UsageError(`--${name} has no effect here`);
  }
}
