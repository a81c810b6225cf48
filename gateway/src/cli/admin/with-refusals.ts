import type { CommandContext } from '../command.ts';
import { AdminRefusal } from './refusal.ts';

/** With `--json` a refusal of the admin API stands on the standard output too, as it came: `{"refused":{…}}`. */
export async function withRefusals(
  json: boolean,
  { out }: CommandContext,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (json && error instanceof AdminRefusal) {
      out.write(`${JSON.stringify({ refused: error.problem.body })}\n`);
    }
    throw error;
  }
}
