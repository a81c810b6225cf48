/** The same keystroke may arrive twice, from the terminal and from npm. */
const SAME_KEYSTROKE_MS = 800;

/**
 * The first SIGINT, SIGTERM or SIGHUP fulfils `stopped`; a later one aborts `force`. A terminal that is gone is no
 * reason to die before everything has been stopped.
 */
export function onStopSignals(): { stopped: Promise<'stop'>; force: AbortSignal } {
  const { promise: stopped, resolve } = Promise.withResolvers<'stop'>();
  const force = new AbortController();
  let firstAt: number | undefined;
  const onSignal = () => {
    firstAt ??= performance.now();
    if (performance.now() - firstAt > SAME_KEYSTROKE_MS) force.abort();
    resolve('stop');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return { stopped, force: force.signal };
}
