import type { Request, Response } from 'express';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { rawInteger } from '../http/json.ts';
import { Refusal } from '../http/refusal.ts';

const POLL_MS = 1000;
const KEEP_ALIVE_MS = 15_000;
/** A client that has left so much unread is not listening any more. */
const UNREAD_BYTES_MAX = 65_536;

export type StatusStreams = {
  /** Begins a stream of the flight's status on the response; false when there is no such flight. */
  open(flightId: string, req: Request, res: Response): Promise<boolean>;
  /** The flights that somebody follows just now. */
  followed(): string[];
  /** Ends all streams, and opens none any more. */
  close(): void;
};

type StatusRow = {
  id: string;
  revision: number;
  number: string;
  status: string;
  gate: string | null;
  departs_at: string;
  arrives_at: string;
  updated_at: string;
};

type Stream = { flightId: string; revision: number; res: Response };

const STATUS = `
  SELECT id, revision, number, status, gate, departs_at, arrives_at, updated_at
  FROM flights WHERE id = ANY($1::bigint[])`;

/**
 * Server-sent events of flights. One query a second serves all streams of the process, and only while there
 * is one: each stream remembers the revision it has shown, so a change between two looks is never missed.
 */
export function createStatusStreams(pool: Pool, logger: Logger, streamsMax: number): StatusStreams {
  const streams = new Set<Stream>();
  let pollTimer: NodeJS.Timeout | undefined;
  let keepAliveTimer: NodeJS.Timeout | undefined;
  let closed = false;
  let opening = 0;
  let failing = false;

  const poll = async (): Promise<void> => {
    try {
      const flightIds = [...new Set([...streams].map((stream) => stream.flightId))];
      const { rows } = await pool.query<StatusRow>(STATUS, [flightIds]);
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const stream of streams) {
        const row = byId.get(stream.flightId);
        if (row && row.revision > stream.revision) show(stream, row);
      }
      failing = false;
    } catch (error) {
      // The streams stand: the change is shown when the database is back. Said once, not every second.
      if (!failing) logger.warn({ err: error }, 'flight status cannot be read');
      failing = true;
    }
    schedule();
  };

  const schedule = (): void => {
    pollTimer = closed || streams.size === 0 ? undefined : setTimeout(poll, POLL_MS);
  };

  const add = (stream: Stream): void => {
    streams.add(stream);
    stream.res.once('close', () => {
      streams.delete(stream);
      if (streams.size > 0) return;
      clearInterval(keepAliveTimer);
      keepAliveTimer = undefined;
    });
    if (pollTimer === undefined) schedule();
    keepAliveTimer ??= setInterval(() => {
      for (const { res } of streams) write(res, ': keep-alive\n\n');
    }, KEEP_ALIVE_MS);
  };

  return {
    async open(flightId, req, res) {
      if (closed || streams.size + opening >= streamsMax) {
        throw new Refusal('unavailable', 'Too many streams are open. Please try again later.', {
          retryAfterSeconds: 5,
        });
      }
      opening += 1;
      try {
        const row = (await pool.query<StatusRow>(STATUS, [[flightId]])).rows[0];
        if (!row) return false;
        writeHead(res);
        if (req.method === 'HEAD') {
          res.end();
          return true;
        }
        res.write('retry: 3000\n\n');
        const stream: Stream = { flightId, revision: row.revision, res };
        if (req.headers['last-event-id'] !== String(row.revision)) show(stream, row);
        // The client may have left, or the process begun to stop, while the database was asked.
        if (closed) res.end();
        else if (!res.destroyed) add(stream);
        return true;
      } finally {
        opening -= 1;
      }
    },
    followed: () => [...new Set([...streams].map(({ flightId }) => flightId))],
    close() {
      closed = true;
      clearTimeout(pollTimer);
      clearInterval(keepAliveTimer);
      for (const { res } of streams) res.end();
    },
  };
}

function writeHead(res: Response): void {
  res.status(200);
  // Not by res.set, which would add a charset: event streams are UTF-8 by definition.
  res.setHeader('Content-Type', 'text/event-stream');
  res.setHeader('Cache-Control', 'no-cache');
  res.flushHeaders();
}

function show(stream: Stream, row: StatusRow): void {
  stream.revision = row.revision;
  const data = JSON.stringify({
    flight_id: rawInteger(row.id),
    number: row.number,
    status: row.status,
    gate: row.gate,
    departs_at: row.departs_at,
    arrives_at: row.arrives_at,
    updated_at: row.updated_at,
  });
  write(stream.res, `id: ${row.revision}\nevent: status\ndata: ${data}\n\n`);
}

function write(res: Response, text: string): void {
  if (res.writableLength > UNREAD_BYTES_MAX) res.destroy();
  else res.write(text);
}
