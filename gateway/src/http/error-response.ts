/** The answers that are the gateway's own. Their texts say nothing of what is behind it. */
export const ERROR_TEXTS = {
  502: 'The service cannot be reached at the moment.',
  504: 'The service did not answer in time.',
} as const;
export type ErrorStatus = keyof typeof ERROR_TEXTS;

export const REASON_PHRASES = { 502: 'Bad Gateway', 504: 'Gateway Timeout' } as const satisfies Record<
  ErrorStatus,
  string
>;

export type ErrorBody = { readonly contentType: string; readonly body: string };

const BODY_WRITERS = {
  'application/json': (status: ErrorStatus) =>
    `${JSON.stringify({ status, error: REASON_PHRASES[status], message: ERROR_TEXTS[status] })}\n`,
  'text/html': (status: ErrorStatus) =>
    `<!doctype html><html lang="en"><title>${REASON_PHRASES[status]}</title><h1>${REASON_PHRASES[status]}</h1><p>${ERROR_TEXTS[status]}</p></html>\n`,
  'text/plain': (status: ErrorStatus) => `${REASON_PHRASES[status]}: ${ERROR_TEXTS[status]}\n`,
};
type ErrorType = keyof typeof BODY_WRITERS;
const ERROR_TYPES = Object.keys(BODY_WRITERS) as ErrorType[];

/** A small body of the type that the client likes best; JSON where it names none of ours. */
export function errorBody(status: ErrorStatus, accept: string | undefined): ErrorBody {
  const type = preferredType(accept ?? '');
  return { contentType: `${type}; charset=utf-8`, body: BODY_WRITERS[type](status) };
}

/** RFC 9110 §12.5.1: the highest quality wins, the first of ours among equals; `q=0` excludes. */
function preferredType(accept: string): ErrorType {
  let best: ErrorType = 'application/json';
  let bestQuality = 0;
  for (const type of ERROR_TYPES) {
    const quality = qualityOf(type, accept);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

function qualityOf(type: ErrorType, accept: string): number {
  const [family] = type.split('/');
  let found = { precision: -1, quality: 0 };
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const precision = [`*/*`, `${family}/*`, type].indexOf(name);
    if (precision <= found.precision) continue;
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    found = { precision, quality: Number.isFinite(quality) ? quality : 0 };
  }
  return found.quality;
}
