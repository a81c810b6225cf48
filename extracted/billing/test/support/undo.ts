import type { TestContext } from 'node:test';

const undos = new WeakMap<TestContext, (() => Promise<unknown>)[]>();

/** As `t.after`, but the latest first: what was built on something goes before it. */
export function undo(t: TestContext, work: () => Promise<unknown>): void {
  const known = undos.get(t);
  if (known) {
    known.push(work);
    return;
  }
  const stack = [work];
  undos.set(t, stack);
  t.after(async () => {
    for (let next = stack.pop(); next; next = stack.pop()) await next();
  });
}
