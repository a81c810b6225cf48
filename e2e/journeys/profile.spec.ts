import { pngSquare } from '../kit/images.ts';
import { expect, test } from '../kit/test.ts';

// Both tests of a worker change the one account that it has.
test.describe.configure({ mode: 'serial' });

test('a customer changes name, phone and newsletter', async ({ site, api }) => {
  const before = await api.getProfile();
  await site.profile.open();
  await expect(site.profile.named('name')).toHaveValue(before.name);
  await site.profile.fill({ name: 'Ada Lovelace', phone: '+44 20 7946 0002' });
  await site.profile.named('newsletter').setChecked(before.newsletter === 'N');
  await site.profile.save();
  await expect(site.frame.notice).toHaveText('Saved.');
  await expect(site.frame.visitor).toContainText('Ada Lovelace');
  expect(await api.getProfile()).toMatchObject({
    name: 'Ada Lovelace',
    phone: '+44 20 7946 0002',
    newsletter: before.newsletter === 'N' ? 'Y' : 'N',
  });
});

test('a name that is only blanks is refused beside its field, and the rest stays', async ({ site, api }) => {
  const before = await api.getProfile();
  await site.profile.open();
  await site.profile.fill({ name: '   ', address: '12 St James’s Square' });
  await site.profile.save();
  await expect(site.profile.faultOf('name')).not.toBeEmpty();
  await expect(site.profile.named('address')).toHaveValue('12 St James’s Square');
  expect(await api.getProfile()).toEqual(before);
});

test('a customer uploads a photo, which is shown from then on', async ({ site, api }) => {
  await site.profile.open();
  await site.profile.uploadPhoto({ name: 'me.png', mimeType: 'image/png', buffer: pngSquare(64, 200) });
  await expect(site.profile.photo).toBeVisible();
  await expect(site.profile.photo).toHaveJSProperty('naturalWidth', 64);
  const { photo_url: first } = await api.getProfile();
  await expect(site.profile.photo).toHaveAttribute('src', first ?? '');

  await site.profile.uploadPhoto({ name: 'me.png', mimeType: 'image/png', buffer: pngSquare(48, 100) });
  await expect(site.profile.photo).toHaveJSProperty('naturalWidth', 48);
  expect((await api.getProfile()).photo_url).not.toBe(first);
});

test('what is no picture is refused beside its field, and so is too large a one', async ({ site, api }) => {
  await site.profile.open();
  const before = await api.getProfile();
  await site.profile.uploadPhoto({
    name: 'me.png',
    mimeType: 'image/png',
    buffer: Buffer.from('no picture'),
  });
  await expect(site.profile.faultOf('photo')).toHaveText('The photo must be a JPEG or a PNG.');
  const large = Buffer.concat([pngSquare(64, 0), Buffer.alloc(2_200_000)]);
  await site.profile.uploadPhoto({ name: 'large.png', mimeType: 'image/png', buffer: large });
  await expect(site.profile.faultOf('photo')).toHaveText('The photo must not be larger than 2 MB.');
  expect((await api.getProfile()).photo_url).toBe(before.photo_url);
});
