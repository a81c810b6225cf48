import type { ResponseTap } from '../datapath/response-tap.ts';
import type { ByteShare } from './byte-budget.ts';
import type { ComparedAnswer } from './compare.ts';

export type AnswerTapParts = {
  readonly share: ByteShare;
  readonly bodyBytesMax: number;
  /** The answer has passed, whole. */
  readonly onWhole: (answer: ComparedAnswer) => void;
  /** There is nothing to compare; what was kept is let go. Either is called, once. */
  readonly onSkipped: (reason: 'monolith-too-large' | 'memory-full' | 'monolith-broken') => void;
};

/** Keeps a copy of the monolith's answer as it passes to the client, as long as it is worth comparing. */
export function createAnswerTap({ share, bodyBytesMax, onWhole, onSkipped }: AnswerTapParts): ResponseTap {
  let head: Pick<ComparedAnswer, 'status' | 'headers'> | undefined;
  let pieces: Buffer[] = [];
  let length = 0;
  let isOver = false;
  const skip = (reason: Parameters<AnswerTapParts['onSkipped']>[0]): void => {
    isOver = true;
    pieces = [];
    share.release();
    onSkipped(reason);
  };
  return {
    onHead: (status, lines) => {
      head = { status, headers: lines };
    },
    onBody: (bytes) => {
      if (isOver) return;
      length += bytes.length;
      if (length > bodyBytesMax) skip('monolith-too-large');
      else if (!share.take(bytes.length)) skip('memory-full');
      else pieces.push(Buffer.from(bytes));
    },
    onEnd: (isWhole) => {
      if (isOver) return;
      if (!isWhole || head === undefined) {
        skip('monolith-broken');
        return;
      }
      isOver = true;
      onWhole({ ...head, body: pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, length) });
    },
  };
}
