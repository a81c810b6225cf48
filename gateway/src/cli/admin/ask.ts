import { plainText } from '../terminal/plain-text.ts';
import { AdminRefusal, AdminUnreachable, readProblem } from './refusal.ts';
import type { Tokens } from './settings.ts';

export type Asking = {
  /** Of the admin port, without a slash at its end. */
  readonly url: string;
  readonly tokens: Tokens;
  /** Who the command runs for, unproven. */
  readonly author: string;
  /** Aborted when the command is to stop. */
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
};

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const READING = ['GET', 'HEAD'];

/**
 * One question to an admin port, with its deadline, token and author. Gives a JSON answer that was read whole; throws
 * AdminRefusal for a problem and AdminUnreachable for anything else.
 */
export function createAsk({ url, tokens, author, signal, deadlineMs }: Asking) {
  return async (request: Request): Promise<Response> => {
    const { operator, viewer } = tokens;
    const isReading = READING.includes(request.method);
    // What a viewer may do is not done as an operator.
    const token = isReading ? (viewer ?? operator) : (operator ?? viewer);
    if (token !== undefined) request.headers.set('Authorization', `Bearer ${token}`);
    if (!isReading) request.headers.set('X-Banyan-On-Behalf-Of', author);
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      const response = await fetch(request, {
        signal: AbortSignal.any([signal, deadline]),
        redirect: 'manual',
      });
      return readAnswer(url, response, await readText(response));
    } catch (error) {
      if (error instanceof AdminRefusal || error instanceof AdminUnreachable) throw error;
      if (deadline.aborted) {
        const outcome = isReading ? '' : ': whether it was done is not known, look before you repeat it';
        throw new AdminUnreachable(`${url} gave no answer within ${deadlineMs / 1_000} s${outcome}`, false);
      }
      throw unreachable(url, error, isReading);
    }
  };
}

function readAnswer(url: string, response: Response, text: string): Response {
  const { status, headers } = response;
  const body = readJson(headers.get('content-type'), text);
  if (response.ok && body !== undefined) return new Response(text, { status, headers });
  const problem = readProblem(status, body);
  if (problem !== undefined) throw new AdminRefusal(problem);
  throw new AdminUnreachable(
    `${url} answered ${status}, and not as an admin port of Banyan does: see BANYAN_ADMIN_URL`,
    false,
  );
}

function readJson(contentType: string | null, text: string): unknown {
  if (!/^application\/(problem\+)?json\b/i.test(contentType ?? '')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // No answer of ours.
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`it answers more than ${ANSWER_BYTES_MAX} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Before a connection stood, nothing was sent. */
const UNSENT_CODES = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

function unreachable(url: string, error: unknown, isReading: boolean): AdminUnreachable {
  const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
  const code = cause?.code ?? '';
  const isUnsent =
    UNSENT_CODES.includes(code) || code === 'UND_ERR_CONNECT_TIMEOUT' || cause?.message === 'bad port';
  const reason = plainText(cause?.message || code || (error as Error).message);
  if (isUnsent) {
    return new AdminUnreachable(
      `nothing answers at ${url} (${reason}): is the gateway running? BANYAN_ADMIN_URL says where`,
      true,
    );
  }
  const outcome = isReading ? '' : ': whether it was done is not known, look before you repeat it';
  return new AdminUnreachable(`${url} broke off (${reason})${outcome}`, false);
}
