import { strict as assert } from 'node:assert';
import type { Duplex } from 'node:stream';
import { createDataPath, type DataPath, type DataPathOptions } from '../../../src/datapath/data-path.ts';
import type { Dial } from '../../../src/datapath/dial.ts';
import type { Exchange } from '../../../src/datapath/exchange.ts';
import { createForwardingRule } from '../../../src/datapath/forwarding.ts';
import { DEFAULT_LIMITS } from '../../../src/datapath/limits.ts';
import { createUpstream, type Upstream } from '../../../src/datapath/upstream.ts';

export type PathChanges = Partial<Omit<DataPathOptions, 'handle'>> & {
  handle?(exchange: Exchange, upstream: Upstream): void | Promise<void>;
};

/** A data path with the default limits that forwards all requests to what `dial` reaches; a failure fails the test. */
export function pathThrough(dial: Dial, { handle, ...changes }: PathChanges = {}): DataPath {
  const { now = () => performance.now() } = changes;
  const upstream = createUpstream({ dial, limits: DEFAULT_LIMITS, now });
  return createDataPath({
    limits: DEFAULT_LIMITS,
    forwarding: createForwardingRule('append', []),
    handle: (exchange) => (handle ? handle(exchange, upstream) : exchange.forward(upstream)),
    reportFailure: (failure) => assert.fail(String(failure)),
    upstreams: [upstream],
    now,
    wallClock: () => new Date(),
    ...changes,
  });
}

/** Gives a connection whose other end the test holds. */
export const dialTo =
  (socket: Duplex): Dial =>
  ({ connected }) => {
    queueMicrotask(() => connected(socket));
    return () => {};
  };
