export class SetupError extends Error {
  constructor(message: string, options?: { mend?: string; detail?: string; cause?: unknown });
  readonly mend: string | undefined;
  /** What the failing tool said; may have several lines. */
  readonly detail: string | undefined;
}
