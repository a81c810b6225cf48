import { type Request, type Response, Router } from 'express';
import { callerOf } from '../auth/caller.ts';
import { identityOf } from '../auth/guards.ts';
import { readFields } from '../http/body.ts';
import type { RouterParts } from '../parts.ts';
import { createPhotoReader } from './photo-upload.ts';
import { type PhotoType, type ProfileCounts, parsePhotoName, requireCounts, toProfile } from './profile.ts';
import { parseProfileChange } from './profile-change.ts';
import { changeProfile, readProfile, storePhoto } from './profile-queries.ts';

/** getProfile, updateProfile, uploadPhoto. */
export function createProfileRouter({ pool, guards, clock, border }: RouterParts): Router {
  const router = Router();
  // Partners come with keys, which must not change an account.
  const owners = guards.requireRole('customer', 'agent', 'accountant');
  const readPhoto = createPhotoReader();

  const countsFor = async (req: Request): Promise<ProfileCounts> => {
    const counts = await border.countsOf(callerOf(req));
    requireCounts(counts);
    return counts;
  };
  const sendProfile = async (req: Request, res: Response, counts: ProfileCounts): Promise<void> => {
    res.json(toProfile(await readProfile(pool, identityOf(req).accountId, clock(), counts)));
  };

  router.get('/profile', guards.requireLogin, async (req, res) => {
    await sendProfile(req, res, await countsFor(req));
  });

  router.put('/profile', owners, async (req, res) => {
    const { accountId } = identityOf(req);
    const change = parseProfileChange((await readFields(req)).values);
    // Before the change: what is answered with 503 was not done.
    const counts = await countsFor(req);
    await changeProfile(pool, accountId, change);
    await sendProfile(req, res, counts);
  });

  router.post('/profile/photo', owners, async (req, res) => {
    const { accountId } = identityOf(req);
    res.status(201).json({ photo_url: await storePhoto(pool, accountId, await readPhoto(req, res)) });
  });

  return router;
}

/** `GET /photos/{name}`, public: a photo's address changes with its content, so it is kept for ever. */
export function createPhotosRouter({ pool }: Pick<RouterParts, 'pool'>): Router {
  const router = Router();
  router.get('/photos/:name', async (req, res, next) => {
    const name = parsePhotoName(req.params.name);
    if (name === null) return next();
    const { rows } = await pool.query<{ photo: Buffer; photo_type: PhotoType }>(
      `SELECT photo, photo_type FROM accounts WHERE id = $1 AND photo_type = $2 AND left(photo_hash, 8) = $3`,
      [name.accountId, name.type, name.hashStart],
    );
    const row = rows[0];
    if (!row) return next();
    res.set({
      'Cache-Control': 'public, max-age=31536000, immutable',
      // What was uploaded is shown as an image or not at all.
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; sandbox",
    });
    res.type(row.photo_type).send(row.photo);
  });
  return router;
}
