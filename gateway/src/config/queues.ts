import type { Queue } from '../carve-out.ts';
import { type ConfigFault, showValue } from './fault.ts';

/** Of BullMQ, which puts colons between the parts of a key, and short enough to be a label. */
const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const TYPE = /^[a-z][A-Za-z0-9]{0,62}$/;
/** The type of the rows of an outbox that are jobs. */
const JOB = 'job';
const KEYS: readonly string[] = ['name', 'consumer', 'takes'] satisfies (keyof Queue)[];

/** All that is wrong with `queues` of a configuration file, whatever stands there. */
export function findQueueFaults(
  queues: unknown,
  carveOuts: readonly string[],
  configFile: string,
): ConfigFault[] {
  if (queues === undefined) return [];
  if (!Array.isArray(queues)) {
    return [{ name: `${configFile}: queues`, rule: 'must be a list', got: showValue('', queues) }];
  }
  const faults: ConfigFault[] = [];
  /** What one queue alone may have, with the queue that has it. */
  const taken = new Map<string, string>();
  const take = (what: string, queue: string): string | undefined => {
    const other = taken.get(what);
    if (other === undefined) taken.set(what, queue);
    return other;
  };
  for (const [index, queue] of queues.entries()) {
    const at = `${configFile}: queues.${index}`;
    const wrong = (key: string, rule: string, got: unknown) =>
      faults.push({
        name: `${at}${key}`,
        ...(got === undefined ? { rule: 'is missing' } : { rule, got: showValue('', got) }),
      });
    if (typeof queue !== 'object' || queue === null) {
      wrong('', 'must be a queue: name, consumer, takes', queue ?? 'null');
      continue;
    }
    const { name, consumer, takes } = queue as Partial<Record<keyof Queue, unknown>>;
    for (const key of Object.keys(queue)) {
      if (!KEYS.includes(key)) faults.push({ name: `${at}.${key}`, rule: 'is no key of the configuration' });
    }

    if (typeof name !== 'string' || !NAME.test(name)) {
      wrong('.name', 'must be up to 63 lower-case letters, digits and dashes, a letter first', name);
    } else if (take(`name ${name}`, at) !== undefined) {
      wrong('.name', 'must be a name of its own', name);
    }

    const isKnown = consumer === 'monolith' || carveOuts.includes(String(consumer));
    if (!isKnown) wrong('.consumer', 'must be the name of a carve-out, or monolith', consumer);

    const shown = typeof name === 'string' ? name : at;
    if (takes !== 'jobs' && isKnown && consumer !== 'monolith') {
      const other = take(`events for ${consumer}`, shown);
      if (other !== undefined)
        wrong('.consumer', `must have one queue of events, and has ${other}`, consumer);
    }
    if (takes === 'rest') {
      const other = take('rest', shown);
      if (other !== undefined) wrong('.takes', `must not be the rest, which ${other} takes`, takes);
    } else if (takes === 'jobs') {
      const other = take(`jobs of ${String(consumer)}`, shown);
      if (consumer === 'monolith') wrong('.takes', 'must not be jobs: the monolith has none', takes);
      else if (other !== undefined) wrong('.takes', `must not be jobs, which ${other} takes`, takes);
    } else if (!Array.isArray(takes) || takes.length === 0) {
      wrong('.takes', 'must be a list of types of events, "rest" or "jobs"', takes);
    } else {
      for (const [place, type] of takes.entries()) {
        const other = take(`type ${String(type)}`, shown);
        const key = `.takes.${place}`;
        if (typeof type !== 'string' || !TYPE.test(type) || type === JOB) {
          wrong(key, 'must be a type of event, such as bookingPlaced', type ?? 'null');
        } else if (other !== undefined) wrong(key, `must be in one queue alone, and ${other} takes it`, type);
      }
    }
  }
  return faults;
}
