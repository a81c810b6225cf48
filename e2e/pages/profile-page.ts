import type { Page } from '@playwright/test';
import { createFields } from './fields.ts';
import { loaded } from './loaded.ts';

/** `/profile`. */
export function createProfilePage(page: Page) {
  const photo = page.getByLabel('New photo');
  return {
    ...createFields(page.getByRole('main')),
    open: () => page.goto('/profile'),
    save: () => page.getByRole('button', { name: 'Save' }).click(),
    photo: page.getByRole('img', { name: 'Your photo' }),
    async uploadPhoto(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
      await loaded(photo);
      await photo.setInputFiles(file);
      await page.getByRole('button', { name: 'Upload' }).click();
    },
  };
}
