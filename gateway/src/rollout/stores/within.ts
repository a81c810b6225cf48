/** What the work gives, or, if that takes longer than the limit, what `late` gives or throws. The work goes on. */
export async function within<T, L = T>(
  work: Promise<T>,
  limitMs: number,
  late: () => L | Promise<L>,
): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs);
  });
  // Fails late as well as in time: nobody else may be listening by then.
  work.catch(() => {});
  try {
    const first = await Promise.race([work.then((value) => ({ value })), limit]);
    return first === 'late' ? await late() : first.value;
  } finally {
    clearTimeout(timer);
  }
}
