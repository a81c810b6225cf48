import { connect } from 'node:net';

/** An answer as its bytes came, cut where HTTP/1.1 says. Text is Latin-1: one character is one byte. */
export type RawAnswer = {
  readonly interim: readonly string[];
  readonly statusLine: string;
  /** Header lines as they came, in order. */
  readonly headers: readonly string[];
  readonly framing: 'length' | 'chunked' | 'close' | 'none';
  readonly body: string;
  readonly trailers: readonly string[];
};

export type RawQuestion = {
  /** Every byte of the request. */
  readonly bytes: Buffer;
  readonly method: string;
  /** For streams without an end: what the body must hold before the client hangs up. */
  readonly enough?: (body: string) => boolean;
  /** Sent once the answer's first bytes are here: the rest of an upload, say. */
  readonly afterContinue?: Buffer;
};

const DEADLINE_MS = 60_000;

/** Sends exactly these bytes on a connection of their own, and records the answer. */
export function exchangeRaw(port: number, question: RawQuestion): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    let continued = false;
    const finish = (ended: boolean): void => {
      const answer = cutAnswer(received, question, ended);
      if (!answer) {
        if (ended)
          reject(
            new Error(`the connection ended inside an answer: ${JSON.stringify(received.slice(0, 500))}`),
          );
        return;
      }
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    const deadline = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(`no whole answer within ${DEADLINE_MS} ms: ${JSON.stringify(received.slice(0, 500))}`),
      );
    }, DEADLINE_MS);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (question.afterContinue && !continued && received.startsWith('HTTP/1.1 100 ')) {
        continued = true;
        socket.write(question.afterContinue);
      }
      finish(false);
    });
    socket.on('end', () => finish(true));
    // A peer that has answered may reset what was still being sent to it.
    socket.on('error', () => finish(true));
    socket.write(question.bytes);
  });
}

function cutAnswer(received: string, question: RawQuestion, ended: boolean): RawAnswer | undefined {
  const interim: string[] = [];
  let rest = received;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const [statusLine = '', ...headers] = rest.slice(0, end).split('\r\n');
    const content = rest.slice(end + 4);
    if (/^HTTP\/1\.1 1(?!01)\d\d /.test(statusLine)) {
      interim.push(statusLine);
      rest = content;
      continue;
    }
    const cut = cutBody(statusLine, headers, content, question, ended);
    return cut && { interim, statusLine, headers, ...cut };
  }
}

function cutBody(
  statusLine: string,
  headers: readonly string[],
  content: string,
  { method, enough }: RawQuestion,
  ended: boolean,
): Pick<RawAnswer, 'framing' | 'body' | 'trailers'> | undefined {
  const status = Number(statusLine.split(' ')[1]);
  if (method === 'HEAD' || status === 101 || status === 204 || status === 304) {
    return { framing: 'none', body: '', trailers: [] };
  }
  const header = (name: string) =>
    headers
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  if (header('transfer-encoding') !== undefined) return cutChunks(content, enough);
  const length = header('content-length');
  if (length !== undefined) {
    if (content.length < Number(length) && !enough?.(content)) return undefined;
    return { framing: 'length', body: content, trailers: [] };
  }
  return ended ? { framing: 'close', body: content, trailers: [] } : undefined;
}

/** Where one chunk ends and the next begins is each connection's own business (RFC 9112 §7.1). */
function cutChunks(
  content: string,
  enough: RawQuestion['enough'],
): Pick<RawAnswer, 'framing' | 'body' | 'trailers'> | undefined {
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = content.indexOf('\r\n', at);
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(content.slice(at, lineEnd), 16);
    const chunkEnd = lineEnd + 2 + size;
    if (size === 0) {
      const tail = content.slice(lineEnd + 2);
      const end = tail === '\r\n' ? 0 : tail.indexOf('\r\n\r\n');
      if (end === -1) return undefined;
      return { framing: 'chunked', body, trailers: tail.slice(0, end).split('\r\n').filter(Boolean) };
    }
    if (Number.isNaN(size) || content.length < chunkEnd + 2) {
      return enough?.(body) ? { framing: 'chunked', body, trailers: [] } : undefined;
    }
    body += content.slice(lineEnd + 2, chunkEnd);
    at = chunkEnd + 2;
  }
}
