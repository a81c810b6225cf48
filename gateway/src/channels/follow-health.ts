import { askHealth } from './check-health.ts';
import type { ServiceChannel } from './service-channel.ts';
import { type ServingState, watchHealth } from './watch-health.ts';

export type HealthListener = {
  /** Whenever it is another one. */
  onState(state: ServingState): void;
  /** The service was asked, and said that it serves. Every `ASK_EVERY_MS`. */
  onServing?(): void;
};

/** A service that is frozen says nothing on a stream either, and its connection stands until the keepalive ends it. */
const ASK_EVERY_MS = 2_000;
const ASK_MS_MAX = 1_000;
/** An answer may come late for reasons of ours, on a busy machine. */
const SILENT_AFTER = 3;

/**
 * Follows what the service says of itself, and asks it now and then beside that: one that answers no question is
 * `away`, 9 s after it froze at the latest. What is returned ends it.
 */
export function followHealth(channel: ServiceChannel, { onState, onServing }: HealthListener): () => void {
  let isStopped = false;
  let watched: ServingState = 'away';
  let state: ServingState | undefined;
  let unanswered = 0;
  const tell = (): void => {
    const next = watched === 'serving' && unanswered >= SILENT_AFTER ? 'away' : watched;
    if (next === state || isStopped) return;
    state = next;
    onState(next);
  };
  const stopWatching = watchHealth(channel, (next) => {
    watched = next;
    // Whoever says something is there.
    if (next !== 'away') unanswered = 0;
    tell();
  });

  let timer: NodeJS.Timeout;
  const askSoon = (): void => {
    timer = setTimeout(ask, ASK_EVERY_MS).unref();
  };
  const ask = async (): Promise<void> => {
    const said = await askHealth(channel, ASK_MS_MAX);
    if (isStopped) return;
    unanswered = said === 'away' ? unanswered + 1 : 0;
    tell();
    if (said === 'serving') onServing?.();
    askSoon();
  };
  askSoon();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    stopWatching();
  };
}
