import { findFreePort } from '../ports/find-ports.ts';

const given = new Set<number>();

/**
 * A port that nobody listens on now, for a process that is told of it before it is started. None of those from which
 * the system takes ports for outgoing connections: one of them might be taken in between. Never the same one twice.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await findFreePort(given, Math.random);
    // Somebody else may have asked at the same time.
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}
