import { type HealthCheckResponse, HealthService } from '@banyan/contracts/grpc/health/v1/health';
import { refuse } from './errors.ts';
import { implement, type ServedService } from './handlers.ts';

export type ServingStatus = 'SERVING' | 'NOT_SERVING';

export type Health = {
  /** Without a service: the server as a whole. */
  set(status: ServingStatus, service?: string): void;
  /** Null for a service that is not known here. */
  get(service?: string): ServingStatus | null;
};

export type HealthRecord = Health & {
  readonly service: ServedService;
  /** From now on NOT_SERVING, whatever is set. */
  drain(): void;
};

const WATCH_DEADLINE_MS = 86_400_000;
const WHOLE_SERVER = '';

/** grpc.health.v1. Watchers are told every change, and the last one when the server begins to stop. */
export function createHealth(services: readonly string[]): HealthRecord {
  const statuses = new Map<string, ServingStatus>();
  const watchers = new Set<() => void>();
  let isDraining = false;
  for (const service of [WHOLE_SERVER, ...services]) statuses.set(service, 'SERVING');

  const read = (service: string): ServingStatus | null => {
    const status = statuses.get(service) ?? null;
    return status !== null && isDraining ? 'NOT_SERVING' : status;
  };
  const tell = (): void => {
    for (const watcher of watchers) watcher();
  };

  const service = implement(
    HealthService,
    'open',
    {
      check({ service: name }): HealthCheckResponse {
        const status = read(name);
        if (status === null) throw refuse('NOT_FOUND', 'SERVICE_UNKNOWN');
        return { status };
      },
      async *watch({ service: name }, { signal, draining }) {
        let wake = (): void => {};
        const watcher = (): void => wake();
        watchers.add(watcher);
        signal.addEventListener('abort', watcher, { once: true });
        try {
          let told: string | undefined;
          while (!signal.aborted) {
            const status = read(name) ?? 'SERVICE_UNKNOWN';
            if (status !== told) {
              told = status;
              yield { status };
              continue; // It may have changed while the client took that.
            }
            if (draining.aborted) throw refuse('UNAVAILABLE', 'SERVER_STOPPING', { retryAfterSeconds: 1 });
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        } finally {
          watchers.delete(watcher);
          signal.removeEventListener('abort', watcher);
        }
      },
    },
    { streamDeadlineMs: WATCH_DEADLINE_MS },
  );

  return {
    service,
    get: (name = WHOLE_SERVER) => read(name),
    set(status, name = WHOLE_SERVER) {
      if (statuses.get(name) === status) return;
      statuses.set(name, status);
      tell();
    },
    drain() {
      isDraining = true;
      tell();
    },
  };
}
