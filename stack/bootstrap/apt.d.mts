import type { Note } from './screen.mjs';

export type Apt =
  | { kind: 'installs'; prefix: string[] }
  /** Not root and no way to become it: packages can be fetched and unpacked, not installed. */
  | { kind: 'unpacks' }
  | { kind: 'absent' };
export type AptResult = { ok: true } | { ok: false; output: string };

export function findApt(): Promise<Apt>;
export function installPackages(prefix: string[], packages: string[], note: Note): Promise<AptResult>;
export function unpackPackages(
  packages: string[],
  folder: string,
  workFolder: string,
  note: Note,
): Promise<AptResult>;
export function libraryPath(folder: string): string;
