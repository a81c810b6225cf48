import { checkRequiredLine, checkText, createFaultList } from './field-rules.ts';

/** What is told to everybody on a flight. */
export type Notice = { readonly flightId: bigint; readonly subject: string; readonly text: string };

const SUBJECT_LENGTH_MAX = 120;
const TEXT_LENGTH_MAX = 5_000;
/** Lines may be broken; nothing else is steered by a text. */
const CONTROL = /(?!\n)\p{Cc}/u;

/** Throws every fault. Line breaks become those of Unix. */
export function checkNotice({ flightId, subject, text: given }: Notice): Notice {
  const faults = createFaultList();
  const text = given.replaceAll('\r\n', '\n').trim();
  // A line break would begin another header.
  checkRequiredLine(subject, 'subject', SUBJECT_LENGTH_MAX, faults);
  if (text === '') faults.note('text', 'required');
  else if (CONTROL.test(text)) faults.note('text', 'characters');
  else checkText(text, 'text', TEXT_LENGTH_MAX, faults);
  faults.refuse();
  return { flightId, subject: subject.trim(), text };
}
