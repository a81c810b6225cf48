import { INCOMPLETE, scanFields } from '../wire/fields.ts';
import { parseRequestHead, type RequestHead } from '../wire/request-head.ts';
import type { HeadEdits } from './head-edits.ts';

/**
 * The request's head with the edits made, as if it had come so. A line that is left out and added again stands where
 * it stood; every other byte is the client's.
 */
export function editRequestHead(head: RequestHead, { omit, append = [] }: HeadEdits): RequestHead {
  const { bytes } = head;
  const pieces = [bytes.subarray(head.start, head.fieldsStart)];
  const added = [...append];
  scanFields(bytes, head.fieldsStart, head.end, {
    field: (nameStart, nameEnd, _, __, lineEnd) => {
      const name = bytes.toString('latin1', nameStart, nameEnd).toLowerCase();
      if (omit?.has(name) !== true) {
        pieces.push(bytes.subarray(nameStart, lineEnd));
        return;
      }
      const at = added.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name);
      if (at === -1) return;
      const [again = '', value = ''] = added.splice(at, 2);
      pieces.push(lineOf(again, value));
    },
  });
  for (let i = 0; i + 1 < added.length; i += 2)
    pieces.push(lineOf(added[i] as string, added[i + 1] as string));
  pieces.push(END_OF_LINES);
  const edited = Buffer.concat(pieces);
  const parsed = parseRequestHead(edited, 0, edited.length);
  if (parsed === INCOMPLETE || parsed.fault !== undefined) throw new Error('an edited head is none any more');
  return parsed;
}

const END_OF_LINES = Buffer.from('\r\n');
const lineOf = (name: string, value: string): Buffer => Buffer.from(`${name}: ${value}\r\n`, 'latin1');
