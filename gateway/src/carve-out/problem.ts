import type { Answer, HeaderLine } from './answer.ts';

export type Problem = {
  /** Lower-case words and dashes; the last part of `type`. */
  readonly kind: string;
  readonly status: number;
  /** The same for every problem of the kind. */
  readonly title: string;
  readonly detail: string;
  /** What a script needs of it, beside the members of RFC 9457. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly headers?: readonly HeaderLine[];
};

/** The shape of every error under `/bff/` (RFC 9457). */
export function problemAnswer({ kind, status, title, detail, facts, headers = [] }: Problem): Answer {
  const body = Buffer.from(JSON.stringify({ type: `/problems/${kind}`, title, status, detail, ...facts }));
  return {
    status,
    headers: [
      ...headers,
      ['Content-Type', 'application/problem+json'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', String(body.length)],
    ],
    body,
  };
}
