import { type Request, type Response, Router } from 'express';
import { callerOf } from '../auth/caller.ts';
import { identityOf } from '../auth/guards.ts';
import { Refusal } from '../http/refusal.ts';
import { createPhotoReader } from '../profile/photo-upload.ts';
import { parseProfileChange } from '../profile/profile-change.ts';
import { changeProfile, readProfile, storePhoto } from '../profile/profile-queries.ts';
import { type FormState, faultsOf, formOf, withMissing, withTyped } from './fields.ts';
import { leadOn, type PageKit, type PageParts } from './page-kit.ts';
import { takeTyped } from './typed-form.ts';
import { profilePage } from './view-models/visitor-pages.ts';
import { refuseForged } from './visitor.ts';

const PROFILE = 'profile';
const PHOTO = 'photo';
const SAVED = '/profile?saved=1';
const FIELDS = ['name', 'phone', 'address', 'newsletter'];

/** `/profile`, and the photo's own form. */
export function createProfileRoutes({ pool, clock, tokens, border }: PageParts, kit: PageKit): Router {
  const router = Router();
  // Partners come with keys, which must not change an account.
  const owner = kit.only('customer', 'agent', 'accountant');
  const readPhoto = createPhotoReader();

  router.get('/profile', kit.only(), async (req, res) => {
    await showProfile(req, res, null, null, 200);
  });

  router.post('/profile', owner, async (req, res) => {
    const typed = await kit.readForm(req, PROFILE);
    try {
      await changeProfile(pool, identityOf(req).accountId, parseProfileChange(typed));
      await leadOn(res, { path: SAVED });
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== 'invalid') throw error;
      const named = (path: string): string | null => (FIELDS.includes(path) ? path : null);
      await showProfile(req, res, withMissing(faultsOf(typed, error, named), ['name']), null, error.status);
    }
  });

  router.post('/profile/photo', owner, async (req, res) => {
    try {
      const upload = await readPhoto(req, res);
      // In a multipart form the token is known only when the form has been read.
      const form = req.body as Record<string, string> | undefined;
      refuseForged(tokens, req, form?.form_token, PHOTO);
      await storePhoto(pool, identityOf(req).accountId, upload);
      await leadOn(res, { path: SAVED });
    } catch (error) {
      if (!(error instanceof Refusal) || !PHOTO_FAULTS.includes(error.kind)) throw error;
      await showProfile(req, res, null, photoFault(error), error.status);
    }
  });

  /** `form` and `photoError` are what was refused; null shows what is stored. */
  const showProfile = async (
    req: Request,
    res: Response,
    form: FormState | null,
    photoError: string | null,
    status: number,
  ): Promise<void> => {
    const { accountId, role } = identityOf(req);
    const profile = await readProfile(pool, accountId, clock(), await border.countsOf(callerOf(req)));
    const { name, phone, address, newsletter } = profile;
    kit.show(req, res, {
      view: 'profile',
      title: 'Profile',
      section: 'profile',
      status,
      model: profilePage({
        profile,
        role,
        form: form ?? withTyped(formOf({ name, phone, address, newsletter }), takeTyped(req, '/profile')),
        token: kit.token(req, PROFILE),
        photoToken: kit.token(req, PHOTO),
        photoError,
        saved: form === null && photoError === null && 'saved' in req.query,
      }),
    });
  };

  return router;
}

const PHOTO_FAULTS = ['invalid', 'too_large', 'unsupported_media_type', 'bad_request'];

function photoFault(refusal: Refusal): string {
  return refusal.kind === 'invalid' ? 'Please choose a file.' : refusal.message;
}
