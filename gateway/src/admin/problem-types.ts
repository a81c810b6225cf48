import type { Problem } from '@banyan/openapi/generated/admin';
import { FLAG_REFUSALS, type FlagRefusalKind } from '../rollout/flag-refusal.ts';

/** What one kind of problem is, and what whoever meets it can do. */
export type ProblemType = {
  readonly status: number;
  readonly title: string;
  readonly about: string;
  readonly remedy: string;
};

/** As the API describes them. */
type DescribedKind = Problem['type'] extends `/problems/${infer Kind}` ? Kind : never;
/** A kind's words, where its status is the refusal's. */
type Words = Omit<ProblemType, 'status'>;

const REFUSAL_WORDS: Readonly<Record<FlagRefusalKind, Words>> = {
  'unlawful-stage': {
    title: 'The stage is not legal now',
    about:
      'Which stages a read may have follows from who owns its data, and from what its service can read while the monolith owns.',
    remedy: 'Choose one of the legal stages that the problem names, or change the owner first.',
  },
  'write-follows-owner': {
    title: 'A write follows its owner',
    about: 'A write goes to the side that owns its data, whatever any flag says. It has no stage of its own.',
    remedy: 'Set its carve-out, which sets all reads; the write moves when the owner changes.',
  },
  'service-not-serving': {
    title: 'The service is not serving',
    about:
      'Clients would be sent to a service that cannot be reached, says itself that it is not serving, or has a breaker that is not closed.',
    remedy:
      'Wait until `/readyz` shows it as `serving` and its breaker as `closed`, or repeat with `"force": true`.',
  },
  'unknown-operation': {
    title: 'There is no such operation',
    about: 'The contract has no operation of that name. Names are compared exactly.',
    remedy: 'Take a name that `GET /admin/v1/routes` lists.',
  },
  'not-carved-out': {
    title: 'The operation is not carved out',
    about: 'No active carve-out takes the operation over, so that only the monolith can answer it.',
    remedy: "Add it to a carve-out, and set the carve-out's target variable.",
  },
  'unknown-carve-out': {
    title: 'There is no such carve-out',
    about:
      'No carve-out of that name is active: the configuration does not list it, or its target is not set.',
    remedy: 'Take one of those that the problem names, or set its target variable.',
  },
  'unknown-kill': {
    title: 'There is no such kill',
    about: 'No kill of that id holds on this replica: it was lifted, or is of another replica.',
    remedy: 'List them with `GET /admin/v1/kills`, on the replica that was killed.',
  },
  'invalid-value': {
    title: 'A value is missing, unknown or out of its range',
    about:
      'A member of the body, a parameter or a header is not what the API describes. Every fault is listed.',
    remedy: 'Correct each fault by its rule.',
  },
  'stale-version': {
    title: 'The flags have changed since',
    about:
      '`If-Match` names another version than the one in force: somebody has changed the flags meanwhile.',
    remedy:
      'Read the flags again, look whether the change is still right, and repeat it with the new version.',
  },
  'version-required': {
    title: 'If-Match is missing',
    about:
      'A change of flags says which version its author has seen, so that nobody overwrites unseen changes.',
    remedy: 'Send `If-Match` with the `ETag` of what you read, such as `"42"`.',
  },
  'store-away': {
    title: 'The store of flags cannot be reached',
    about: 'Flags are changed in their store alone, so that all replicas agree. Traffic goes on as it was.',
    remedy: 'Mend the store and repeat. To stop a service at once, kill: that needs no store.',
  },
  'store-behind': {
    title: 'The store knows less than this replica',
    about:
      'The store holds an older snapshot than replicas serve, or none: it was emptied, or is another one.',
    remedy:
      'Restore it: `POST /admin/v1/snapshot/restore` on the replica that has recorded the highest version.',
  },
  'nothing-to-restore': {
    title: 'There is nothing to restore',
    about: 'The store holds what this replica serves or more, or another replica has recorded more.',
    remedy: '`GET /admin/v1/replicas` says which replica has recorded the highest version.',
  },
  'unlawful-override': {
    title: 'The override asks for what is not legal now',
    about: 'An override is bound by the same rules as a flag: by owner and data, and a kill wins over it.',
    remedy: 'Ask for the other side, or leave out the reads that the problem names.',
  },
  'invalid-override': {
    title: 'The override is not valid',
    about:
      'On the public port: the header or cookie holds what was not signed here, has ended, or is for another account.',
    remedy: 'Mint another one. The answer has already taken the cookie away.',
  },
  'overrides-off': {
    title: 'Overrides are off',
    about: 'No override keys are configured, so that none can be signed and none is looked at.',
    remedy: 'Set `BANYAN_OVERRIDE_KEYS`, the same in all replicas.',
  },
};

const OWN = {
  unauthorized: {
    status: 401,
    title: 'A token is needed',
    about: 'There was no bearer token, or one that is not known here.',
    remedy: 'Send `Authorization: Bearer …` with the token of a viewer or an operator.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many wrong tokens',
    about:
      'Too many wrong tokens have come from this address within a minute. A right one is let through all the same.',
    remedy: 'Stop what sends the wrong token; wait for as long as `Retry-After` says.',
  },
  forbidden: {
    status: 403,
    title: 'This token may only read',
    about: "Changes need an operator's token; this is a viewer's.",
    remedy: "Use an operator's token.",
  },
  'read-only': {
    status: 403,
    title: 'This admin API is read-only',
    about: 'No tokens are configured, so that nobody can be held to a change.',
    remedy: 'Set `BANYAN_ADMIN_TOKEN` and start the gateway again.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such path',
    about: 'The admin API has no such path. Paths are compared exactly.',
    remedy: 'See `openapi/admin.yaml` for those that there are.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The path has no such method',
    about:
      'The path exists, and cannot be asked this way. OPTIONS is answered nowhere: no other site may call this.',
    remedy: 'Use one of those in `Allow`.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The body is too large',
    about: 'A body may have 64 KB.',
    remedy: 'Send less.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is not plain JSON',
    about: 'A body is `application/json` in UTF-8, neither compressed nor anything else.',
    remedy: 'Send `Content-Type: application/json`, without `Content-Encoding`.',
  },
  'malformed-json': {
    status: 400,
    title: 'The body is not JSON',
    about: 'The body could not be read as JSON, as UTF-8, or to its end.',
    remedy: 'Correct it where the problem says.',
  },
  'unknown-queue': {
    status: 404,
    title: 'There is no such queue',
    about: 'The configuration names no queue of that name, or no Redis is set for the queues.',
    remedy: 'Take a name that `GET /admin/v1/queues` lists, or set `QUEUE_REDIS_URL`.',
  },
  'unknown-dead-letter': {
    status: 404,
    title: 'There is no such dead letter',
    about: 'The queue has no dead letter of that id: it was tried again or discarded, or never was one.',
    remedy: 'List those that there are with `GET /admin/v1/queues/{queue}/dead-letters`.',
  },
  'no-audit': {
    status: 409,
    title: 'There is no audit here',
    about: 'Nothing is carved out at this gateway, so that it keeps no audit for this to stand in.',
    remedy: "Ask a gateway at which a carve-out's target variable is set.",
  },
  'queues-unavailable': {
    status: 503,
    title: 'The queues cannot be reached',
    about:
      'The Redis of the queues does not answer. Requests are answered as ever, and events wait in their outboxes.',
    remedy: 'Mend that Redis and repeat. If `outcome` is `unknown`, look at the dead letters first.',
  },
  internal: {
    status: 500,
    title: 'The gateway failed on this',
    about: 'This is a fault of the gateway or of what it stands on, and not of the request.',
    remedy: "Look into the gateway's log.",
  },
} as const satisfies Readonly<Record<Exclude<DescribedKind, FlagRefusalKind>, ProblemType>>;

export type ProblemKind = FlagRefusalKind | keyof typeof OWN;

/** Every problem type, by its kind; `type` is `/problems/<kind>`. */
export const PROBLEM_TYPES: Readonly<Record<ProblemKind, ProblemType>> = {
  ...(Object.fromEntries(
    Object.entries(REFUSAL_WORDS).map(([kind, words]) => [
      kind,
      { status: FLAG_REFUSALS[kind as FlagRefusalKind], ...words },
    ]),
  ) as Record<FlagRefusalKind, ProblemType>),
  ...OWN,
};
