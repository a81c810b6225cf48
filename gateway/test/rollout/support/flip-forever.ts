/** Flips, kills and lifts until it is killed; prints what was acknowledged: `version <n>`, `kill <id>`, `lift <id>`. */
import { author } from './entries.ts';
import { startFlags } from './replicas.ts';

const [dataDir = '', redisUrl] = process.argv.slice(2);
const flags = await startFlags({
  dataDir,
  name: 'crashing',
  ...(redisUrl === undefined ? {} : { redisUrl }),
});
const say = (line: string) => process.stdout.write(`${line}\n`);
for (let each = 0; ; each += 1) {
  try {
    const { snapshot } = await flags.change({
      author,
      expectedVersion: flags.snapshot().version,
      action: 'set-route',
      target: 'getInvoice',
      flags: { getInvoice: { stage: each % 2 === 0 ? 'service' : 'shadow', fallback: true } },
      forced: false,
    });
    say(`version ${snapshot.version}`);
    const kill = await flags.kill('getInvoice', author);
    say(`kill ${kill.id}`);
    if (each % 3 === 0) {
      say(`lifting ${kill.id}`);
      await flags.liftKill(kill.id, author);
      say(`lift ${kill.id}`);
    }
  } catch {
    // Refused on a busy machine: nothing was acknowledged.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
