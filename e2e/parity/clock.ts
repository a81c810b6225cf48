import { mock } from 'node:test';

// Loaded into the gateway's process before anything else: its time stands still until it is told another. Beside a
// monolith whose time stands still as well, what either dates is equal to the millisecond.

mock.timers.enable({ apis: ['Date'], now: Number(process.env.PARITY_NOW_MS) });
process.on('message', (nowMs: number) => {
  mock.timers.setTime(nowMs);
  process.send?.('set');
});
// The channel is no reason to live.
process.channel?.unref();
