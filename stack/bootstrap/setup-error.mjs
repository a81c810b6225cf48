/** A step of the set-up that cannot be done: what is missing, and the one command that mends it. */
export class SetupError extends Error {
  /** @param {string} message @param {{ mend?: string, detail?: string, cause?: unknown }} [options] */
  constructor(message, { mend, detail, cause } = {}) {
    super(message, { cause });
    this.name = 'SetupError';
    this.mend = mend;
    this.detail = detail;
  }
}
