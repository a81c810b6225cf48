import { hash } from 'node:crypto';
import zlib from 'node:zlib';
import type { HeaderLine } from '../carve-out/answer.ts';
import { compareJson } from './compare-json.ts';
import type { CompareRules } from './compare-rules.ts';
import type { Difference, Side } from './difference.ts';
import { ABSENT, type Findings, firstDifference, shownPart } from './findings.ts';
import { parseLossless } from './lossless-json.ts';

/**
 * Larger bodies are compared as bytes: equal or not, and from where. Reading one as JSON takes some milliseconds at
 * this size, and meanwhile the process does nothing else.
 */
export const READ_BYTES_MAX = 131_072;

type Body = { readonly headers: readonly HeaderLine[]; readonly body: Buffer };

const BODY = { path: 'body', field: 'body' } as const;

/** Compares two bodies by what they are: JSON by its values, text by its lines, anything else by its bytes. */
export function compareBodies(monolith: Body, service: Body, rules: CompareRules, findings: Findings): void {
  if (
    rules.isIgnored(BODY.field) ||
    (monolith.body.equals(service.body) && isAlikeEncoded(monolith, service))
  ) {
    return;
  }
  const [one, other] = [readable(monolith), readable(service)];
  if (one !== undefined && other !== undefined && one.equals(other)) return;
  const kinds = new Set([kindOf(monolith), kindOf(service)]);
  const isSmall = one !== undefined && other !== undefined;
  if (!isSmall || kinds.has('bytes') || hasOneEmpty(one, other)) {
    findings.add(bytesDifference(one ?? monolith.body, other ?? service.body));
    return;
  }
  const [left, right] = [one.toString(), other.toString()];
  const roots = kinds.has('text') ? [] : [parseLossless(left), parseLossless(right)];
  if (roots[0] === undefined || roots[1] === undefined) findings.add(textDifference(left, right));
  else compareJson({ text: left, root: roots[0] }, { text: right, root: roots[1] }, rules, findings);
}

/** Text against nothing at all says nothing line by line. */
function hasOneEmpty(one: Buffer, other: Buffer): boolean {
  return one.length === 0 || other.length === 0;
}

function isAlikeEncoded(one: Body, other: Body): boolean {
  return headerOf(one, 'content-encoding') === headerOf(other, 'content-encoding');
}

/** The body, Content-Encoding undone; undefined where it is too large to be read, or is not what it says. */
function readable(answer: Body): Buffer | undefined {
  const { body } = answer;
  if (body.length > READ_BYTES_MAX) return undefined;
  const inflate = INFLATE[headerOf(answer, 'content-encoding')];
  if (inflate === undefined || body.length === 0) return body;
  try {
    return inflate(body, { maxOutputLength: READ_BYTES_MAX });
  } catch {
    // Too large, or broken: its bytes are compared as they came.
    return undefined;
  }
}

const INFLATE: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: zlib.gunzipSync,
  'x-gzip': zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: zlib.zstdDecompressSync,
};

function kindOf(answer: Body): 'json' | 'text' | 'bytes' {
  const [type = ''] = headerOf(answer, 'content-type').split(';');
  if (/^application\/json$|\+json$/.test(type.trim())) return 'json';
  const isText = /^text\/|[/+]xml$|^application\/(javascript|x-www-form-urlencoded)$/.test(type.trim());
  return isText ? 'text' : 'bytes';
}

function headerOf({ headers }: Body, name: string): string {
  const line = headers.find(([each]) => each.toLowerCase() === name);
  return line?.[1].trim().toLowerCase() ?? '';
}

/** By the first line in which they differ; `at` is its number, from 0. */
function textDifference(monolith: string, service: string): Difference {
  const [one, other] = [monolith.split('\n'), service.split('\n')];
  let line = 0;
  while (line < one.length && one[line] === other[line]) line += 1;
  const at = firstDifference(one[line] ?? '', other[line] ?? '');
  const sideOf = (lines: readonly string[], whole: string): Side => {
    const text = lines[line];
    if (text === undefined) return ABSENT;
    return { type: 'text', length: whole.length, text: shownPart(text, at) };
  };
  return {
    ...BODY,
    kind: 'text',
    monolith: sideOf(one, monolith),
    service: sideOf(other, service),
    at: line,
  };
}

const HASH_LENGTH = 12;

function bytesDifference(monolith: Buffer, service: Buffer): Difference {
  const sideOf = (body: Buffer): Side =>
    body.length === 0
      ? ABSENT
      : {
          type: 'bytes',
          length: body.length,
          text: `sha256:${hash('sha256', body, 'hex').slice(0, HASH_LENGTH)}`,
        };
  return {
    ...BODY,
    kind: 'bytes',
    monolith: sideOf(monolith),
    service: sideOf(service),
    at: firstByte(monolith, service),
  };
}

const STEP_BYTES = 4_096;

function firstByte(one: Buffer, other: Buffer): number {
  const length = Math.min(one.length, other.length);
  let at = 0;
  while (at < length) {
    const to = Math.min(at + STEP_BYTES, length);
    if (one.compare(other, at, to, at, to) !== 0) break;
    at = to;
  }
  while (at < length && one[at] === other[at]) at += 1;
  return at;
}
