import { parseArgs } from 'node:util';

export const STEPS = ['check', 'unit', 'component', 'e2e'] as const;
export type Step = (typeof STEPS)[number];

/**
 * Who owns while the browser tests run. `none`: the monolith alone. `some`: all tests where nobody and where
 * everybody has left it, one on each mixture. `every`: all tests on every combination.
 */
export const OWNER_CHOICES = ['none', 'some', 'every'] as const;
export type OwnerChoice = (typeof OWNER_CHOICES)[number];

export type TestOptions = {
  steps: readonly Step[];
  /** Only test files whose path holds one of these. All, when there are none. */
  filters: string[];
  owners: OwnerChoice;
};

export type ParsedOptions =
  | { kind: 'options'; options: TestOptions }
  | { kind: 'help' }
  | { kind: 'usage'; message: string };

export const HELP = `Usage: npm test -- [options] [part of a test file's path ...]

Sets up what is missing and runs every check and test, on ports and data of its own.

Options:
  --only <step>   one of ${STEPS.join(', ')}; can be given more than once
  --owners <who>  which services own while the browser tests run. none: the monolith owns all; some (default):
                  all journeys where none and where all do, one on each mixture, and overrides; every: all journeys
                  on every mixture, and overrides
  -h, --help      show this

With a part of a path only test files that match are run, and no checks.
Exit status: 0 all passed, 1 something failed, 2 wrong usage.`;

export function parseTestOptions(argv: string[]): ParsedOptions {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true, default: [] },
        owners: { type: 'string', default: 'some' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    const unknown = values.only.filter((name) => !STEPS.some((step) => step === name));
    if (unknown.length > 0) {
      return { kind: 'usage', message: `--only ${unknown.join(', ')}: must be one of ${STEPS.join(', ')}` };
    }
    const owners = OWNER_CHOICES.find((choice) => choice === values.owners);
    if (owners === undefined) {
      return {
        kind: 'usage',
        message: `--owners ${values.owners}: must be one of ${OWNER_CHOICES.join(', ')}`,
      };
    }
    const everything = STEPS.filter((step) => step !== 'check' || positionals.length === 0);
    const steps = values.only.length > 0 ? STEPS.filter((step) => values.only.includes(step)) : everything;
    return { kind: 'options', options: { steps, filters: positionals, owners } };
  } catch (error) {
    return { kind: 'usage', message: `${(error as Error).message.split('. ')[0]}.` };
  }
}
