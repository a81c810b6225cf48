import type { Request, RequestHandler, Response } from 'express';
import multer from 'multer';
import { invalidField, Refusal } from '../http/refusal.ts';
import { type PhotoType, photoTypeOf } from './profile.ts';

export const PHOTO_BYTES_MAX = 2 * 1024 * 1024;

export type Upload = { content: Buffer; type: PhotoType };

/**
 * Reads the part `photo` of a multipart request into memory, which its limits bound. Refuses with 415 (no
 * multipart, or no image), 413, 400 (broken), 422 (no file).
 */
export function createPhotoReader(): (req: Request, res: Response) => Promise<Upload> {
  const receive: RequestHandler = multer({
    storage: multer.memoryStorage(),
    limits: {
      fileSize: PHOTO_BYTES_MAX,
      files: 1,
      fields: 20,
      parts: 21,
      fieldSize: 10_000,
      headerPairs: 50,
    },
  }).single('photo');
  return async (req, res) => {
    if (!/^multipart\/form-data\s*;/i.test(req.headers['content-type'] ?? '')) {
      throw new Refusal('unsupported_media_type', 'The body must be multipart/form-data.');
    }
    await new Promise<void>((resolve, reject) => {
      receive(req, res, (error: unknown) => (error ? reject(toRefusal(error)) : resolve()));
    });
    const content = req.file?.buffer;
    if (content === undefined || content.length === 0) throw invalidField('photo', 'photo is required');
    const type = photoTypeOf(content);
    if (type === null) throw new Refusal('unsupported_media_type', 'The photo must be a JPEG or a PNG.');
    return { content, type };
  };
}

const TOO_MUCH = new Set([
  'LIMIT_FILE_SIZE',
  'LIMIT_FIELD_VALUE',
  'LIMIT_FIELD_COUNT',
  'LIMIT_PART_COUNT',
  'LIMIT_FILE_COUNT',
]);

function toRefusal(error: unknown): Error {
  const code = error instanceof multer.MulterError ? error.code : '';
  if (TOO_MUCH.has(code)) return new Refusal('too_large', 'The photo must not be larger than 2 MB.');
  if (code === 'LIMIT_UNEXPECTED_FILE') return invalidField('photo', 'photo is required');
  // Whatever else the parser stumbles over is in the client's bytes; its words may quote them.
  return new Refusal('bad_request', 'The multipart body cannot be read.');
}
