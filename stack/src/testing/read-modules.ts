import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** An import or re-export by a relative path, on one line or several. Types are gone when the program runs. */
const LOCAL_IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?'(\.[^']+)'/gm;

/** The texts of these files and of all modules that they import by relative paths, by absolute path. */
export async function readModules(files: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const add = async (file: string): Promise<void> => {
    if (texts.has(file)) return;
    const text = await readFile(file, 'utf8');
    texts.set(file, text);
    for (const [, specifier = ''] of text.matchAll(LOCAL_IMPORT)) {
      await add(resolve(dirname(file), specifier));
    }
  };
  for (const file of files) await add(resolve(file));
  return texts;
}
