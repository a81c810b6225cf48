import { copyAggregate } from '../../src/copy-aggregate.ts';
import { ordersPlan } from './orders.ts';

/**
 * A process that copies and stops for ever at a named place, to be killed there: `COPIER_STOP_AT` is a step, or
 * `batch 3` for after the third batch.
 */
const { COPIER_MONOLITH_URL = '', COPIER_SERVICE_URL = '', COPIER_TO, COPIER_STOP_AT } = process.env;
let batches = 0;

const stopAt = async (place: string): Promise<void> => {
  if (place !== COPIER_STOP_AT) return;
  console.log(JSON.stringify({ msg: 'stopped', place }));
  await new Promise((resolve) => setTimeout(resolve, 60_000));
};

await copyAggregate({
  plan: ordersPlan,
  monolithUrl: COPIER_MONOLITH_URL,
  serviceUrl: COPIER_SERVICE_URL,
  to: COPIER_TO === 'monolith' ? 'monolith' : 'service',
  batchRows: 10,
  onStep: stopAt,
  onProgress: async ({ step }) => {
    if (step === 'copy') await stopAt(`batch ${++batches}`);
  },
});
