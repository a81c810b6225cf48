import { STAGES, type Stage } from '../../rollout/stage.ts';
import { ADMIN_OPTIONS } from '../admin/client.ts';
import type { FlagWish } from '../admin/types.ts';
import { UsageError } from '../command.ts';
import { quoted, readLine, readPercent, readReason, readWhole } from '../command-line.ts';

/** What `banyan flag set` is asked to do. */
export type FlagSetLine = {
  /** Operation or carve-out. */
  readonly name: string;
  readonly wish: FlagWish;
  /** The version that the author has seen; undefined: the one in force. */
  readonly ifVersion: number | undefined;
  readonly watch: boolean;
  readonly json: boolean;
  readonly urls: readonly string[];
};

const VERSION_MAX = 999_999_999_999_999;

export function parseFlagSet(args: readonly string[]): FlagSetLine {
  const { values, positionals } = readLine(args, {
    ...ADMIN_OPTIONS,
    weight: { type: 'string' },
    sample: { type: 'string' },
    fallback: { type: 'boolean', default: true },
    force: { type: 'boolean', default: false },
    reason: { type: 'string' },
    watch: { type: 'boolean', default: false },
    'if-version': { type: 'string' },
  });
  const { weight, sample, fallback, force, watch, json, url: urls } = values;
  const [name, stage, ...more] = positionals;
  if (name === undefined || stage === undefined || more.length > 0) {
    throw new UsageError('name one operation or carve-out, and one stage');
  }
  if (!isStage(stage)) throw new UsageError(`the stage must be ${STAGES.join(', ')}, not ${quoted(stage)}`);
  if (weight === undefined && stage === 'canary') {
    throw new UsageError('--weight must say how many accounts are in, in percent: `canary --weight 5`');
  }
  if (weight !== undefined && stage !== 'canary')
    throw new UsageError(`--weight is for canary, not for ${stage}`);
  if (sample !== undefined && stage !== 'shadow')
    throw new UsageError(`--sample is for shadow, not for ${stage}`);
  if (watch && json) throw new UsageError('--watch and --json exclude each other');
  const ifVersion = values['if-version'];
  return {
    name,
    wish: {
      stage,
      ...(weight !== undefined && { weightPercent: readPercent('weight', weight) }),
      ...(sample !== undefined && { samplePercent: readPercent('sample', sample) }),
      fallback,
      force,
      reason: readReason(values.reason),
    },
    ifVersion:
      ifVersion === undefined ? undefined : readWhole('if-version', ifVersion, { min: 0, max: VERSION_MAX }),
    watch,
    json,
    urls,
  };
}

const isStage = (text: string): text is Stage => (STAGES as readonly string[]).includes(text);
