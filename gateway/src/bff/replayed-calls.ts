import { ServiceNonsense } from '../carve-out/nonsense.ts';
import type { AnyMethod } from '../translate/calls.ts';
import type { CallMaker } from '../translate/service-client.ts';
import type { ResultPart } from './job-service.ts';

/** Calls of a translation one of which is answered with what a job's method answered. */
export class ReplayedCalls implements CallMaker {
  readonly #calls: CallMaker;
  readonly #method: AnyMethod;
  readonly #parts: AsyncIterator<ResultPart>;

  /** `parts`: of the result, the origin taken off. */
  constructor(calls: CallMaker, method: AnyMethod, parts: AsyncIterator<ResultPart>) {
    this.#calls = calls;
    this.#method = method;
    this.#parts = parts;
  }

  async unary(method: AnyMethod, request: unknown): Promise<unknown> {
    if (method.path !== this.#method.path) return this.#calls.unary(method, request);
    const answer = await this.#next();
    // To its end, where a refusal would be.
    if (answer === undefined || (await this.#next()) !== undefined)
      throw new ServiceNonsense('the result of a unary call is not one message');
    return method.responseDeserialize(answer);
  }

  async *stream(method: AnyMethod, request: unknown): AsyncGenerator<unknown> {
    if (method.path !== this.#method.path) {
      yield* this.#calls.stream(method, request);
      return;
    }
    try {
      for (;;) {
        const message = await this.#next();
        if (message === undefined) return;
        yield method.responseDeserialize(message);
      }
    } finally {
      await this.#parts.return?.();
    }
  }

  async #next(): Promise<Buffer | undefined> {
    const { done, value } = await this.#parts.next();
    if (done === true) return undefined;
    if (value.kind !== 'message') throw new ServiceNonsense('a result has a second origin');
    return Buffer.from(value.bytes.buffer, value.bytes.byteOffset, value.bytes.byteLength);
  }
}
