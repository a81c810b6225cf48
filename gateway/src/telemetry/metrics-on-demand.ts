import type { Metrics } from './metrics.ts';

/** Far more than ends while a library is read from the disk. */
const HELD_MAX = 10_000;

/**
 * Metrics that are loaded behind the first answer, or for their first reader, so that no start waits for them.
 * What is observed until then is held back and counted with the rest.
 */
export function createMetricsOnDemand(
  load: () => Promise<Metrics>,
  reportFailure: (error: unknown) => void,
): Metrics {
  let loaded: Metrics | undefined;
  let loading: Promise<Metrics> | undefined;
  let released = false;
  const held: ((metrics: Metrics) => void)[] = [];

  const ready = (): Promise<Metrics> => {
    loading ??= load().then((metrics) => {
      loaded = metrics;
      for (const observation of held.splice(0)) observation(metrics);
      if (released) metrics.release();
      return metrics;
    });
    return loading;
  };
  const hold = (observation: (metrics: Metrics) => void): void => {
    if (held.length < HELD_MAX) held.push(observation);
  };
  const answered = (observation: (metrics: Metrics) => void): void => {
    if (loaded) observation(loaded);
    else hold(observation);
    if (loading === undefined) ready().catch(reportFailure);
  };

  return {
    observer: {
      onRefused: (refusal) => answered(({ observer }) => observer.onRefused(refusal)),
      onStart: (context) => {
        if (loaded) loaded.observer.onStart(context);
        else hold(({ observer }) => observer.onStart(context));
      },
      onEnd: (context, end) => answered(({ observer }) => observer.onEnd(context, end)),
    },
    render: async () => (await ready()).render(),
    release: () => {
      released = true;
      loaded?.release();
    },
  };
}
