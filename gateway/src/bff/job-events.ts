import type { Answer } from '../carve-out/answer.ts';
import type { ShowJob } from './job-answers.ts';
import { isOver, type Job } from './job-service.ts';

/** Proxies end connections that are silent; a comment is no event to a client. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = Buffer.from(':\n\n');

export type JobEvents = {
  readonly show: ShowJob;
  readonly first: Job;
  /** What comes after the first. */
  readonly changes: AsyncIterator<Job>;
  /** At the end of the stream, or where there is none. May be called again. */
  readonly onEnd: () => void;
  /** Of the request: what its client has seen of an earlier stream. */
  readonly lastEventId: string | undefined;
};

/**
 * A job's changes as server-sent events: the job as it stands, each change, and with its end the stream's. A client
 * that comes again for more after the end gets a 204, which is how an EventSource is told to stop.
 */
export function eventsAnswer(events: JobEvents): Answer {
  const { first, lastEventId, changes, onEnd } = events;
  if (isOver(first) && lastEventId === eventId(first)) {
    onEnd();
    changes.return?.().catch(() => {
      // It was of no more use.
    });
    return { status: 204, headers: [['Cache-Control', 'no-store']], body: null };
  }
  return {
    status: 200,
    headers: [
      ['Content-Type', 'text/event-stream'],
      ['Cache-Control', 'no-store'],
      ['X-Accel-Buffering', 'no'],
    ],
    body: endingUnread(events),
  };
}

/** A generator that never began has no end of its own: for HEAD nothing is read. */
function endingUnread(events: JobEvents): AsyncIterable<Uint8Array> {
  const pieces = eventsOf(events);
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => pieces.next(),
      return: async () => {
        events.onEnd();
        try {
          await events.changes.return?.();
        } finally {
          await pieces.return(undefined);
        }
        return { done: true, value: undefined };
      },
    }),
  };
}

async function* eventsOf({ show, first, changes, onEnd }: JobEvents): AsyncGenerator<Uint8Array> {
  try {
    yield eventBytes(show, first);
    if (isOver(first)) return;
    let next = changes.next();
    for (;;) {
      const change = await withinHeartbeat(next);
      if (change === undefined) {
        yield HEARTBEAT;
        continue;
      }
      if (change.done === true) throw new Error('the service stopped telling of a job before its end');
      yield eventBytes(show, change.value);
      if (isOver(change.value)) return;
      next = changes.next();
    }
  } finally {
    onEnd();
    await changes.return?.();
  }
}

/** Undefined when it is time for a heartbeat. */
async function withinHeartbeat(next: Promise<IteratorResult<Job>>): Promise<IteratorResult<Job> | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const heartbeat = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), HEARTBEAT_MS);
  });
  try {
    return await Promise.race([next, heartbeat]);
  } finally {
    clearTimeout(timer);
  }
}

function eventId(job: Job): string {
  return `${job.state}-${job.done}`;
}

function eventBytes(show: ShowJob, job: Job): Buffer {
  return Buffer.from(`event: job\nid: ${eventId(job)}\ndata: ${JSON.stringify(show(job))}\n\n`);
}
