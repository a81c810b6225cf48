import type { components } from '@banyan/openapi/generated/admin';
import { plainText } from '../terminal/plain-text.ts';

/** RFC 9457, as the admin API answers; `facts` is all that it says beside. */
export type Problem = {
  /** The last part of its type, such as `stale-version`. */
  readonly kind: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** As it came. */
  readonly body: unknown;
};

/** The admin API said no. Its message is the sentence for a person. */
export class AdminRefusal extends Error {
  override readonly name = 'AdminRefusal';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(refusalText(problem));
    this.problem = problem;
  }
}

/** No answer came, or none that an admin port gives. */
export class AdminUnreachable extends Error {
  override readonly name = 'AdminUnreachable';
  /** Nothing was sent, so that another replica may be asked the same. */
  readonly isUnsent: boolean;

  constructor(message: string, isUnsent: boolean) {
    super(message);
    this.isUnsent = isUnsent;
  }
}

/** Undefined where it is no problem document. */
export function readProblem(status: number, body: unknown): Problem | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { type, title, status: _status, detail, ...facts } = body as Record<string, unknown>;
  if (typeof title !== 'string' || typeof detail !== 'string') return undefined;
  const kind = typeof type === 'string' ? (type.split('/').at(-1) ?? '') : '';
  return { kind, status, title, detail, facts, body };
}

/** What it says, and what to do. */
function refusalText(problem: Problem): string {
  const { status, title, detail } = problem;
  const advice = adviceOn(problem);
  if (advice === undefined) return plainText(`${title} (${status}): ${detail}`);
  return `${plainText(detail)}\n${advice}`;
}

function adviceOn({ kind, facts }: Problem): string | undefined {
  if (kind === 'queues-unavailable' && facts.outcome === 'unknown') {
    return 'Look at the dead letters with `banyan jobs` before you call again: what was settled is none of them.';
  }
  // The store may have taken it before it was lost.
  if (facts.outcome === 'unknown') {
    return 'Look at `banyan audit` before you call again; `banyan kill` works without the store.';
  }
  if (facts.store === 'corrupt') return MEND_STORE;
  return Object.hasOwn(ADVICE, kind) ? ADVICE[kind as keyof typeof ADVICE] : undefined;
}

const MEND_STORE =
  'Mend what the store holds, or take it away (`DEL {banyan:flags}:held` in Redis; or rename flags.json), and ' +
  '`banyan flag restore --reason …` writes what the replicas have recorded. `banyan kill` works meanwhile.';
const READ_AGAIN = 'Look at what holds with `banyan flag get`, and call again.';
const LIST = '`banyan routes` lists operations and carve-outs.';

/** By the problem's type, what to do. Every type of `openapi/admin.yaml` has its sentence. */
const ADVICE = {
  'unlawful-stage':
    'Owner and data decide what is legal; `banyan routes` shows both. `banyan copy` changes who owns.',
  'write-follows-owner':
    'Flags and kills are of reads, and so are differences. `banyan copy` changes who owns; `banyan flag set <carve-out> …` ' +
    'sets the reads of a carve-out, and `banyan kill <carve-out>` sends them to the monolith.',
  'service-not-serving':
    'Start the service, or see in /readyz of the admin port what it lacks. To flip all the same, add --force.',
  'unknown-operation': LIST,
  'not-carved-out':
    'It stays with the monolith until a carve-out takes it over and its service has an address. ' +
    '`banyan routes` shows which have one.',
  'unknown-carve-out': LIST,
  'unknown-kill': '`banyan kill --list` shows what is killed, and where.',
  'invalid-value': 'Nothing was changed. Mend it and call again.',
  'stale-version': `Nothing was changed: somebody was quicker, and \`banyan audit\` shows who. ${READ_AGAIN}`,
  'version-required': `Nothing was changed. ${READ_AGAIN}`,
  'store-away':
    'Traffic goes on as it was. Call again when the store is back; `banyan kill` works without it.',
  'store-behind':
    'Nothing was changed. `banyan flag restore --reason …` gives the store what the replicas have recorded.',
  'nothing-to-restore': '`banyan replicas` shows what the store and each replica hold.',
  'unlawful-override':
    'An override chooses among the sides that are legal now. `banyan routes` shows owner, data and kills.',
  'overrides-off': 'Set BANYAN_OVERRIDE_KEYS for every replica of the gateway.',
  'unknown-queue':
    '`banyan jobs` lists the queues. Where it lists none, QUEUE_REDIS_URL is not set for the gateway.',
  'unknown-dead-letter': '`banyan jobs list <queue>` shows those that there are.',
  'no-audit': 'Ask a gateway at which something is carved out: --url, or BANYAN_ADMIN_URL.',
  'queues-unavailable':
    'Nothing else of the gateway needs that Redis. Call again when it is back: events wait in their outboxes.',
  unauthorized:
    'Set BANYAN_ADMIN_TOKEN, or BANYAN_VIEWER_TOKEN to read; or call it where `npm start` keeps .data/admin-token.',
  forbidden: 'It takes the token of an operator: set BANYAN_ADMIN_TOKEN.',
  'read-only': 'Start the gateway with BANYAN_ADMIN_TOKEN, and give this command the same.',
  'too-many-attempts':
    'Come with the right token, which is let through at once; whatever sends the wrong one is to stop.',
  'not-found': 'Is it an older gateway? This command and the gateway are to be of one version.',
  'method-not-allowed': 'Is it an older gateway? This command and the gateway are to be of one version.',
  'payload-too-large': 'Say it in less.',
  'unsupported-media-type': 'Something between here and the admin port changes what is sent.',
  'malformed-json': 'Something between here and the admin port changes what is sent.',
  internal: "The gateway's log says why.",
} as const satisfies Record<KindOf<components['schemas']['Problem']['type']>, string>;

type KindOf<Type extends string> = Type extends `/problems/${infer Kind}` ? Kind : never;
