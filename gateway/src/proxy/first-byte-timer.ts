import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { FirstByteTimeoutError } from './forward-failure.ts';

/**
 * Ends a request whose response does not begin within the limit, counted anew as long as its body still moves:
 * an upload may take longer than an answer.
 */
export function createFirstByteTimer(upstream: ClientRequest, client: Socket, limitMs: number): void {
  let receivedBytes = client.bytesRead;
  const timer = setTimeout(() => {
    if (client.bytesRead !== receivedBytes) {
      receivedBytes = client.bytesRead;
      timer.refresh();
      return;
    }
    upstream.destroy(new FirstByteTimeoutError(`no response within ${limitMs} ms`));
  }, limitMs);
  const stop = () => clearTimeout(timer);
  upstream.once('response', stop);
  upstream.once('upgrade', stop);
  upstream.once('close', stop);
}
