import type { ReadText } from '../config/variables.ts';
import { parseSigningKeys } from './signing-keys.ts';

/** What a variable of keys must be, as far as it shows it: a file is judged by whoever reads files. */
export const readKeysText: ReadText<string> = (text) => {
  if (text.startsWith('@')) {
    return text.length > 1 ? { value: text } : { faults: ['must name a file of keys after the @'] };
  }
  const { faults } = parseSigningKeys(text);
  return faults ? { faults } : { value: text };
};
