import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuditEntry } from '../audit.ts';
import type { Held } from '../flag-store.ts';
import { inOrder } from './audit-entries.ts';
import { parseAuditEntry, parseHeldValue } from './parse-held.ts';
import { syncFolder, writeAtomically } from './write-atomically.ts';

/** A snapshot that was adopted with its entry, or an entry alone. */
export type RecordLine = Held | { readonly entry: AuditEntry };

/**
 * What this replica has adopted and done, `<dataDir>/snapshots.jsonl`: one JSON object a line, appended. A crash can
 * only tear the last line, which was acknowledged to nobody.
 */
export type SnapshotRecord = {
  /** Opens it, mends a torn end, and gives the highest snapshot. Called once, before anything else. */
  open(): Promise<Held | undefined>;
  /** On disk when it returns, in the order of the calls. Calls while one is being written go together. */
  append(lines: readonly RecordLine[]): Promise<void>;
  /** Oldest first, each once, also where one was told of late. */
  entries(): Promise<readonly AuditEntry[]>;
  close(): Promise<void>;
};

export type RecordBounds = {
  /** What is more is compacted to the highest snapshot and the newest `entriesKept`. */
  readonly linesMax: number;
  readonly bytesMax: number;
  readonly entriesKept: number;
};

const BOUNDS: RecordBounds = { linesMax: 4_000, bytesMax: 16_777_216, entriesKept: 2_000 };

type Waiting = { readonly lines: readonly RecordLine[]; readonly done: PromiseWithResolvers<void> };

/** `onFault` is told what could not be read, or not be compacted: nothing that keeps it from being used. */
export function createSnapshotRecord(
  path: string,
  onFault: (what: string, cause?: unknown) => void,
  bounds: RecordBounds = BOUNDS,
): SnapshotRecord {
  let file: FileHandle | undefined;
  /** Up to where the file is whole; a failed write may have left something behind it. */
  let bytes = 0;
  let lineCount = 0;
  let isDirty = false;
  let highest: Held | undefined;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;

  /** Made where it is missing, never emptied; what is known of it is what is on disk. */
  const openFile = async (): Promise<FileHandle> => {
    await mkdir(dirname(path), { recursive: true });
    await (await open(path, 'a', 0o600)).close();
    await syncFolder(dirname(path));
    const content = await readFile(path);
    bytes = content.lastIndexOf('\n') + 1;
    isDirty = bytes < content.length;
    lineCount = content.toString('latin1', 0, bytes).split('\n').length - 1;
    return open(path, 'r+');
  };

  const read = async () => {
    const text = await readFile(path, 'utf8');
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    const parsed = lines.map(parseLine);
    const unreadable = parsed.filter((line) => line === undefined).length;
    return { whole: parsed.filter((line) => line !== undefined), unreadable, last };
  };

  const compact = async (): Promise<void> => {
    const { whole } = await read();
    const kept = whole.slice(-bounds.entriesKept).map(({ entry }) => JSON.stringify({ entry }));
    const lines = highest === undefined ? kept : [...kept, JSON.stringify(highest)];
    const text = lines.map((line) => `${line}\n`).join('');
    try {
      await writeAtomically(path, text);
    } finally {
      // Also where it failed, the name may be another's. The next write opens that: now may be no moment to.
      const replaced = file;
      file = undefined;
      await replaced?.close();
    }
  };

  const write = async (lines: readonly RecordLine[]): Promise<void> => {
    file ??= await openFile();
    if (isDirty) await file.truncate(bytes);
    isDirty = true;
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (let written = 0; written < text.length; ) {
      written += (await file.write(text, written, text.length - written, bytes + written)).bytesWritten;
    }
    await file.sync();
    isDirty = false;
    bytes += text.length;
    lineCount += lines.length;
    for (const line of lines) highest = higher(highest, line);
    if (lineCount <= bounds.linesMax && bytes <= bounds.bytesMax) return;
    await compact().catch((cause: unknown) => onFault('the record could not be compacted', cause));
  };

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await write(batch.flatMap(({ lines }) => lines));
        for (const { done } of batch) done.resolve();
      } catch (error) {
        for (const { done } of batch) done.reject(error);
      }
    }
    writing = undefined;
  };

  return {
    open: async () => {
      file = await openFile();
      const { whole, unreadable, last } = await read();
      if (unreadable > 0) onFault(`${unreadable} lines of the record are none and were left out`);
      for (const line of whole) highest = higher(highest, line);
      // Torn behind its end: whole after all.
      const torn = last === '' ? undefined : parseLine(last);
      if (torn !== undefined) await write([torn]);
      return highest;
    },
    append: (lines) => {
      const done = Promise.withResolvers<void>();
      waiting.push({ lines, done });
      writing ??= drain();
      return done.promise;
    },
    entries: async () => {
      const { whole } = await read();
      return inOrder(whole.map(({ entry }) => entry));
    },
    close: async () => {
      await writing;
      await file?.close();
      file = undefined;
    },
  };
}

function parseLine(text: string): RecordLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if ('snapshot' in value) {
    const parsed = parseHeldValue(value);
    return parsed.ok ? parsed.held : undefined;
  }
  const entry = parseAuditEntry((value as { entry?: unknown }).entry);
  return entry && { entry };
}

function higher(highest: Held | undefined, line: RecordLine): Held | undefined {
  if (!('snapshot' in line)) return highest;
  return highest === undefined || line.snapshot.version >= highest.snapshot.version ? line : highest;
}
