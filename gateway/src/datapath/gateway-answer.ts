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
  return {
    status,
    reason,
    fields: ['Content-Type', `${type}; charset=utf-8`],
    body: Buffer.from(BODIES[type](status, reason, text)),
  };
}

const BODIES = {
  'application/json': (status: number, reason: string, message: string) =>
    `${JSON.stringify({ status, error: reason, message })}\n`,
  'text/html': (_status: number, reason: string, message: string) =>
    `<!doctype html><html lang="en"><title>${reason}</title><h1>${reason}</h1><p>${message}</p></html>\n`,
  'text/plain': (_status: number, reason: string, message: string) => `${reason}: ${message}\n`,
};
type AnswerType = keyof typeof BODIES;

/** RFC 9110 §12.5.1: the highest quality wins, the first of ours among equals; JSON where none is named. */
export function answerType(accept: string | undefined): AnswerType {
  let best: AnswerType = 'application/json';
  let bestQuality = 0;
  for (const type of Object.keys(BODIES) as AnswerType[]) {
    const quality = qualityOf(type, accept ?? '');
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

/** Of the ranges that take the type, the most precise one says how well. */
function qualityOf(type: AnswerType, accept: string): number {
  const [family] = type.split('/');
  let precision = -1;
  let quality = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const isJson = type === 'application/json' && name.endsWith('+json');
    const found = isJson ? 1 : ['*/*', `${family}/*`, type].indexOf(name);
    if (found <= precision) continue;
    precision = found;
    const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const number = written === undefined ? 1 : Number(written);
    quality = Number.isFinite(number) ? number : 0;
  }
  return quality;
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
