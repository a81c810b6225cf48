import { equalsIgnoringCase } from './bytes.ts';
import { type FieldSink, listFields } from './fields.ts';
import { isHopByHop, mayBeNominated } from './hop-by-hop.ts';
import { listElements } from './lists.ts';

/** How the body of a message ends. */
export type Framing = 'none' | 'length' | 'chunked' | 'until-close';

/** Shared by all heads that have none; never written to. */
export const NO_OFFSETS: number[] = [];
const NO_NAMES: string[] = [];

/**
 * A head as it stood on the wire, read once. It keeps the bytes it was read from (the buffer must not change
 * while the head lives) and the facts that the data path needs; strings are made when asked for.
 */
export abstract class MessageHead implements FieldSink {
  readonly bytes: Buffer;
  readonly start: number;
  /** Behind the first line's CRLF. */
  fieldsStart = 0;
  /** Behind the empty line. */
  end = 0;
  /** Minor version: 1.0 or 1.1. */
  minorVersion = 1;
  framing: Framing = 'none';
  contentLength = -1;
  chunked = false;
  close = false;
  keepAlive = false;
  /** Protocols of Upgrade that are to go on; what that takes is each head's to say. */
  upgrade: string | undefined = undefined;
  /** Pairs of offsets: lines not to be forwarded as they are, in order. Empty for most heads. */
  dropped: number[] = NO_OFFSETS;
  /** Connection options other than close, keep-alive, upgrade, te. */
  nominated: string[] = NO_NAMES;
  protected connectionHasUpgrade = false;
  /** The values of Upgrade as one list. */
  protected upgradeList = '';
  protected lengthLines = 0;

  constructor(bytes: Buffer, start: number) {
    this.bytes = bytes;
    this.start = start;
  }

  abstract field(
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    lineEnd: number,
  ): void;

  /** `[name, value, …]`, as Node's `rawHeaders`. */
  listFields(): string[] {
    return listFields(this.bytes, this.fieldsStart, this.end);
  }

  /** Whether the line is of this hop alone; then it is noted as dropped, and what it says is. */
  protected takeHopByHop(
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    lineEnd: number,
  ): boolean {
    const { bytes } = this;
    if (!isHopByHop(bytes, nameStart, nameEnd)) return false;
    if (this.dropped === NO_OFFSETS) this.dropped = [];
    this.dropped.push(nameStart, lineEnd);
    const length = nameEnd - nameStart;
    // Of the hop-by-hop names of ten letters Connection has the c, and Upgrade is the one of seven.
    if (length === 10 && ((bytes[nameStart] as number) | 32) === 0x63) {
      this.#takeConnection(valueStart, valueEnd);
    } else if (length === 7) {
      const listed = bytes.toString('latin1', valueStart, valueEnd);
      this.upgradeList = this.upgradeList === '' ? listed : `${this.upgradeList}, ${listed}`;
    }
    return true;
  }

  #takeConnection(valueStart: number, valueEnd: number): void {
    if (equalsIgnoringCase(this.bytes, valueStart, valueEnd, 'keep-alive')) {
      this.keepAlive = true;
      return;
    }
    for (const option of listElements(this.bytes.toString('latin1', valueStart, valueEnd))) {
      if (option === 'close') this.close = true;
      else if (option === 'keep-alive') this.keepAlive = true;
      else if (option === 'upgrade') this.connectionHasUpgrade = true;
      else if (option !== 'te' && mayBeNominated(option)) {
        if (this.nominated === NO_NAMES) this.nominated = [];
        this.nominated.push(option);
      }
    }
  }
}
