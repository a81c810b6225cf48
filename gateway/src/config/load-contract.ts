import { readFile } from 'node:fs/promises';
import { readContract } from '../routing/contract.ts';
import type { ContractConfig } from './config.ts';
import type { ConfigFault } from './fault.ts';

/** Reads an OpenAPI document, YAML or JSON, into operations. Its faults carry the name of the file. */
export async function loadContract(
  path: string,
  file: string,
): Promise<{ contract?: Omit<ContractConfig, 'matching'>; faults: readonly ConfigFault[] }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return { faults: [{ name: file, rule: `the contract cannot be read (${code})` }] };
  }
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ message }) => ({
      name: file,
      rule: `is no valid YAML: ${message.split('\n', 1)[0]}`,
    }));
    return { faults };
  }
  const { operations, faults } = readContract(document.toJS());
  return {
    contract: { file, text, operations },
    faults: faults.map(({ where, rule }) => ({ name: `${file}: ${where}`, rule })),
  };
}
