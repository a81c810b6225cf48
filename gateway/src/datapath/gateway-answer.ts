/** Statuses that the gateway answers by itself, with the little it says about them. */
const TEXTS = {
  400: ['Bad Request', 'The request could not be understood.'],
  408: ['Request Timeout', 'The request did not arrive in time.'],
  413: ['Content Too Large', 'The request body is too large.'],
  431: ['Request Header Fields Too Large', 'The request head is too large.'],
  500: ['Internal Server Error', 'The request could not be answered.'],
  501: ['Not Implemented', 'The request asks for something that is not supported.'],
  502: ['Bad Gateway', 'The server could not be reached or gave no valid answer.'],
  503: ['Service Unavailable', 'The server cannot answer now.'],
  504: ['Gateway Timeout', 'The server did not answer in time.'],
  505: ['HTTP Version Not Supported', 'The HTTP version of the request is not supported.'],
} as const;

export type AnswerStatus = keyof typeof TEXTS;

export type Answer = {
  readonly status: number;
  readonly reason: string;
  /** `[name, value, …]` without Content-Length and Connection. */
  readonly fields: readonly string[];
  readonly body: Buffer;
};

/** A small body of a type that `accept` takes: nothing in it but what the status says already. */
export function gatewayAnswer(status: AnswerStatus, accept: string | undefined): Answer {
  const [reason, text] = TEXTS[status];
  const type = answerType(accept);
  const body =
    type === 'json'
      ? JSON.stringify({ status, error: reason, message: text })
      : type === 'html'
        ? `<!doctype html><title>${status} ${reason}</title><h1>${reason}</h1><p>${text}</p>\n`
        : `${reason}: ${text}\n`;
  return {
    status,
    reason,
    fields: ['Content-Type', CONTENT_TYPES[type], 'Cache-Control', 'no-store'],
    body: Buffer.from(body),
  };
}

const CONTENT_TYPES = {
  json: 'application/json',
  html: 'text/html; charset=utf-8',
  text: 'text/plain; charset=utf-8',
} as const;

/** The best of ours by weight, in the client's order where weights are equal; plain text for anything else. */
export function answerType(accept: string | undefined): keyof typeof CONTENT_TYPES {
  let best: keyof typeof CONTENT_TYPES = 'text';
  let bestWeight = 0;
  for (const range of (accept ?? '').split(',')) {
    const [media = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const type = typeOf(media);
    if (type === undefined) continue;
    const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const weight = written === undefined ? 1 : Number(written);
    if (weight > bestWeight) {
      best = type;
      bestWeight = weight;
    }
  }
  return best;
}

function typeOf(media: string): keyof typeof CONTENT_TYPES | undefined {
  if (media === 'application/json' || media === 'application/*' || media.endsWith('+json')) return 'json';
  if (media === 'text/html' || media === 'application/xhtml+xml') return 'html';
  if (media === 'text/plain' || media === 'text/*' || media === '*/*') return 'text';
  return undefined;
}

/** `connection`: what to tell the client about it. `withBody`: false for an answer to HEAD. */
export function answerBytes(
  answer: Answer,
  connection: 'close' | 'keep-alive' | undefined,
  withBody: boolean,
  date: string,
): Buffer {
  let head = `HTTP/1.1 ${answer.status} ${answer.reason}\r\n`;
  for (let i = 0; i + 1 < answer.fields.length; i += 2) {
    head += `${answer.fields[i]}: ${answer.fields[i + 1]}\r\n`;
  }
  if (!answer.fields.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'date'))
    head += `Date: ${date}\r\n`;
  if (answer.status !== 204 && answer.status !== 304) head += `Content-Length: ${answer.body.length}\r\n`;
  if (connection !== undefined) head += `Connection: ${connection}\r\n`;
  const bytes = Buffer.from(`${head}\r\n`, 'latin1');
  const bodiless = !withBody || answer.status === 204 || answer.status === 304;
  return bodiless ? bytes : Buffer.concat([bytes, answer.body]);
}
