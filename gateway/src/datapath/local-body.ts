/** A body read here. `cut-off`: the client left before its end. */
export type ReceivedBody =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'refused'; readonly reason: 'too-large' | 'cut-off' };

/** A body that is too large is read off up to this many times its limit, so that the client sees the answer. */
const READ_OFF_FACTOR = 64;

type State = 'unasked' | 'collecting' | 'discarding' | 'whole' | 'cut-off';

/** What is kept of a request's body: nothing before it is asked for, no more than its limit after. */
export class LocalBody {
  readonly #bytesMax: number;
  #state: State;
  #pieces: Buffer[] = [];
  #length = 0;
  #isTooLarge = false;
  #read: Promise<ReceivedBody> | undefined = undefined;
  #settle: ((body: ReceivedBody) => void) | undefined = undefined;

  constructor(bytesMax: number, isWhole: boolean) {
    this.#bytesMax = bytesMax;
    this.#state = isWhole ? 'whole' : 'unasked';
  }

  get takesBytes(): boolean {
    return (this.#state === 'collecting' || this.#state === 'discarding') && !this.isEndless;
  }

  /** Nobody has wanted it, and none of it was taken. */
  get isUnasked(): boolean {
    return this.#state === 'unasked';
  }

  get keptBytes(): number {
    return this.#pieces.length === 0 ? 0 : this.#length;
  }

  /** More came than is worth reading off. */
  get isEndless(): boolean {
    return this.#length > this.#bytesMax * READ_OFF_FACTOR;
  }

  read(): Promise<ReceivedBody> {
    if (this.#read !== undefined) return this.#read;
    if (this.#state === 'unasked') {
      this.#state = 'collecting';
      this.#read = new Promise((resolve) => {
        this.#settle = resolve;
      });
    } else if (this.#state === 'whole') this.#read = Promise.resolve({ kind: 'bytes', bytes: EMPTY });
    else this.#read = Promise.resolve(CUT_OFF);
    return this.#read;
  }

  push(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#state !== 'collecting' || this.#isTooLarge) {
      if (this.isEndless) this.#settled(TOO_LARGE);
      return;
    }
    if (this.#length <= this.#bytesMax) {
      this.#pieces.push(bytes);
      return;
    }
    this.#isTooLarge = true;
    this.#pieces = [];
  }

  end(): void {
    if (this.#state === 'collecting') {
      const [only] = this.#pieces;
      const bytes = this.#pieces.length === 1 && only ? only : Buffer.concat(this.#pieces);
      this.#settled(this.#isTooLarge ? TOO_LARGE : { kind: 'bytes', bytes });
    }
    this.#state = 'whole';
    this.#pieces = [];
  }

  /** Nobody will ask for what still comes. */
  discard(): void {
    if (this.#state === 'whole' || this.#state === 'cut-off') return;
    this.#state = 'discarding';
    this.#pieces = [];
  }

  cutOff(): void {
    if (this.#state === 'whole') return;
    this.#state = 'cut-off';
    this.#pieces = [];
    this.#settled(CUT_OFF);
  }

  #settled(body: ReceivedBody): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(body);
  }
}

const EMPTY = Buffer.alloc(0);
const TOO_LARGE: ReceivedBody = Object.freeze({ kind: 'refused', reason: 'too-large' });
const CUT_OFF: ReceivedBody = Object.freeze({ kind: 'refused', reason: 'cut-off' });
