import { BODY_BYTES_MAX } from '../carve-out/fields.ts';
import type { Exchange } from '../datapath/exchange.ts';
import type { RequestContext } from '../http/request-context.ts';
import { createBulkhead } from '../resilience/bulkhead.ts';
import type { Owner } from '../rollout/stage.ts';
import type { Operation } from '../routing/operation.ts';
import { createParameterReader } from '../routing/path-parameters.ts';
import type { ActiveCarveOut, CarvedOperation } from '../translate/carved-operation.ts';
import { type Task, translationTask } from '../translate/task.ts';
import type { Translator } from '../translate/translator.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { deferrableTask } from './deferrable.ts';
import { createShowJob } from './job-answers.ts';
import { parseJobName } from './job-id.ts';
import { type JobOperation, jobMethodOf, jobOperationOf, methodName } from './job-operation.ts';
import {
  cancelJobTask,
  getJobResultTask,
  getJobTask,
  type JobServiceParts,
  noSuchJobTask,
  type StartTask,
  startJobTask,
  watchJobTask,
} from './job-tasks.ts';
import {
  CANCEL_JOB_OPERATION,
  createOwnOperations,
  GET_JOB_OPERATION,
  GET_JOB_RESULT_OPERATION,
  jobSegmentOf,
  OWN_MATCHING,
  WATCH_JOB_OPERATION,
} from './own-operations.ts';
import { bffProblem, failureProblem } from './problems.ts';
import { createWatchers, WATCHERS_MAX } from './watchers.ts';

/** The gateway's own paths: jobs, and what carve-outs add. */
export type Bff = {
  /** Undefined for what is none of them, which is everything where no active carve-out has jobs. */
  operationOf(head: RequestHead): Operation | undefined;
  answer(exchange: Exchange, context: RequestContext, run: Translator['run']): Promise<void> | undefined;
  /** What answers a carved-out operation: its translation, which may leave its work to a job. */
  taskOf(carved: CarvedOperation): Task;
};

export type BffParts = {
  readonly active: readonly ActiveCarveOut[];
  readonly operations: readonly CarvedOperation[];
  /** Undefined: nobody has said. */
  readonly ownerOf: (aggregate: string) => Owner | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** Streams to one service that watch its jobs, and requests that wait for theirs. */
const WATCHES_MAX = { activeMax: 512, waitingMax: 0 };

export function createBff({ active, operations, ownerOf, now }: BffParts): Bff {
  const watchers = createWatchers(WATCHERS_MAX);
  const services = new Map<string, JobServiceParts>();
  const deferred = new Map<CarvedOperation, Task>();
  const started = new Map<Operation, Task>();

  for (const carveOut of active) {
    const mine = operations.filter((each) => each.active === carveOut);
    const starts = startsOf(carveOut, ownerOf);
    const found = mine.flatMap((carved) => {
      const operation = jobOperationOf(carved);
      return operation === undefined ? [] : [{ carved, operation }];
    });
    const all = [...found.map(({ operation }) => operation), ...starts.map(({ operation }) => operation)];
    if (all.length === 0) continue;
    const service: JobServiceParts = {
      active: carveOut,
      now,
      watchLink: { ...carveOut.link, streams: createBulkhead(WATCHES_MAX) },
      show: createShowJob(carveOut.carveOut.name, (method) => operationIdOf(all, method)),
      operations: new Map(all.map((operation) => [operation.operationId, operation])),
      watchers,
    };
    services.set(carveOut.carveOut.name, service);
    for (const { carved, operation } of found)
      deferred.set(carved, deferrableTask(translationTask(carved), operation, service));
    for (const start of starts) started.set(start.at, startJobTask(service, start));
  }

  const [anyService] = services.values();
  const own = createOwnOperations([...started.keys()]);

  const taskOf = (operation: Operation, target: string, nobody: JobServiceParts): Task | undefined => {
    const start = started.get(operation);
    if (start !== undefined) return start;
    const makeTask = JOB_TASKS.get(operation);
    if (makeTask === undefined) return undefined;
    const name = parseJobName(jobSegmentOf(target));
    const service = name && services.get(name.service);
    return name === undefined || service === undefined ? noSuchJobTask(nobody) : makeTask(service, name.id);
  };

  return {
    operationOf: (head) => (anyService === undefined ? undefined : own.of(head)),
    answer: (exchange, context, run) => {
      const { operation, target } = context;
      if (operation === undefined || anyService === undefined)
        throw new Error('a request was to be answered here that is of no path of ours');
      const task = taskOf(operation, target, anyService);
      if (task !== undefined) return run(task, exchange, context);
      refuse(exchange, own.methodsOf(target));
      return undefined;
    },
    taskOf: (carved) => deferred.get(carved) ?? translationTask(carved),
  };
}

const JOB_TASKS: ReadonlyMap<Operation, (service: JobServiceParts, id: string) => Task> = new Map([
  [GET_JOB_OPERATION, getJobTask],
  [WATCH_JOB_OPERATION, watchJobTask],
  [CANCEL_JOB_OPERATION, cancelJobTask],
  [GET_JOB_RESULT_OPERATION, getJobResultTask],
]);

/** Undefined where a job of the method can have come from several. */
function operationIdOf(operations: readonly JobOperation[], method: string): string | undefined {
  const [found, ...more] = operations.filter((each) => methodName(each.method) === method);
  return more.length === 0 ? found?.operationId : undefined;
}

type Start = StartTask & { readonly at: Operation };

function startsOf(active: ActiveCarveOut, ownerOf: BffParts['ownerOf']): Start[] {
  const { aggregate, deadlineMs, bff = {} } = active.carveOut;
  return Object.entries(bff).map(([operationId, { method, path, job, handle, bodyBytesMax }]) => {
    const at: Operation = { operationId, method, path };
    const operation: JobOperation = {
      operationId,
      kind: 'write',
      readParameters: createParameterReader(at, OWN_MATCHING),
      method: jobMethodOf(active, operationId, job),
      handle: (request, calls, context) => handle(request, active.bind(calls) as never, context),
      failure: failureProblem,
    };
    const isOwned = (): boolean | undefined => {
      const owner = ownerOf(aggregate);
      return owner === undefined || owner === 'nobody' ? undefined : owner === 'service';
    };
    return { at, operation, bodyBytesMax: bodyBytesMax ?? BODY_BYTES_MAX, deadlineMs, isOwned };
  });
}

/** There is no such path, or not by this method; who asks does not matter. */
function refuse(exchange: Exchange, methods: readonly string[]): void {
  const { method } = exchange.head;
  const allow = ['Allow', methods.join(', ')] as const;
  if (methods.length === 0) {
    const { status, headers, body } = bffProblem('no-such-path', 'The gateway has no such path of its own.');
    exchange.answer(wholeAnswer(status, 'Not Found', headers, body));
  } else if (method === 'OPTIONS') exchange.answer(wholeAnswer(204, 'No Content', [allow], null));
  else {
    const detail = `The path can be asked by ${methods.join(', ')}.`;
    const { status, headers, body } = bffProblem('method-not-allowed', detail, [allow]);
    exchange.answer(wholeAnswer(status, 'Method Not Allowed', headers, body));
  }
}

function wholeAnswer(
  status: number,
  reason: string,
  headers: readonly (readonly [string, string])[],
  body: unknown,
): Parameters<Exchange['answer']>[0] {
  const fields = headers.filter(([name]) => name !== 'Content-Length').flat();
  return { status, reason, fields, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) };
}
