import type { GetItineraryResponse } from '@banyan/contracts/booking/v1/booking';
import {
  type Answer,
  expressNotModified,
  expressRaw,
  type HeaderLine,
  isNotModified,
  type TranslationRequest,
  weakEtag,
} from '@banyan/gateway/carve-out';

/** The calendar file, or the 304: of its type nothing is said then, of its name it is. */
export function itineraryAnswer(
  request: Pick<TranslationRequest, 'method' | 'headers'>,
  { fileName, content }: GetItineraryResponse,
): Answer {
  const body = Buffer.from(content);
  const etag = weakEtag(body);
  const lines: HeaderLine[] = [
    ['Content-Type', 'text/calendar; charset=utf-8'],
    ['Content-Disposition', `attachment; filename="${fileName}"`],
    ['Content-Length', String(body.length)],
    ['ETag', etag],
  ];
  return isNotModified(request, 200, { etag }) ? expressNotModified(lines) : expressRaw(200, lines, body);
}
