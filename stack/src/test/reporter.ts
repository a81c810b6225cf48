import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import { briefly, THROUGH_MARK, TOTALS_MARK } from './totals.ts';

/** A reporter for `node --test`: a line for each file, failures in full, and the totals for the runner to add up. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: string[] = [];
  for await (const { type, data } of events) {
    if (type === 'test:fail' && !isOnlyAboutChildren(data.details.error)) {
      failures.push(briefly(place(data), data.name, describe(data.details.error)));
      yield `✗ ${data.name}\n    at ${place(data)}\n${indent(describe(data.details.error))}\n`;
    } else if (type === 'test:complete') {
      yield `${THROUGH_MARK}\n`;
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
    } else if (type === 'test:summary') {
      const { tests, passed, skipped, todo } = data.counts;
      const failed = tests - passed - skipped - todo;
      if (data.file === undefined) {
        yield `${TOTALS_MARK}${JSON.stringify({ passed, failed, skipped: skipped + todo, failures })}\n`;
      } else {
        const mark = data.success ? '✓' : '✗';
        const path = relative(process.cwd(), data.file);
        yield `${mark} ${path}  ${passed} passed${failed ? `, ${failed} failed` : ''}  ${(data.duration_ms / 1000).toFixed(1)} s\n`;
      }
    }
  }
}

/** A suite fails because a test in it does: told once is enough. */
function isOnlyAboutChildren(error: Error & { failureType?: string }): boolean {
  return error.failureType === 'subtestsFailed';
}

function describe(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? inspect(cause, { depth: 5 }) : inspect(cause ?? error, { depth: 5 });
}

function place({ file, line }: { file?: string | undefined; line?: number | undefined }): string {
  return file ? `${relative(process.cwd(), file)}:${line}` : 'an unknown place';
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
