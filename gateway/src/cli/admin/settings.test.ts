import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { UsageError } from '../command.ts';
import { readAdminUrls, readAuthor, readTokens } from './settings.ts';

describe('where the admin ports are', () => {
  it('is what --url says, else BANYAN_ADMIN_URL, else this machine', () => {
    assert.deepEqual(readAdminUrls([], {}), ['http://127.0.0.1:8081']);
    const env = { BANYAN_ADMIN_URL: 'http://a:1, https://b/x/ ,http://a:1' };
    assert.deepEqual(readAdminUrls([], env), ['http://a:1', 'https://b/x']);
    assert.deepEqual(readAdminUrls(['http://c', 'http://d,http://e'], env), [
      'http://c',
      'http://d',
      'http://e',
    ]);
  });

  it('is refused where it is no URL of an admin port', () => {
    for (const text of [
      'here',
      'ftp://a',
      'http://a,',
      'http://ann:secret@a',
      'http://a/?x=1',
      'http://a/#x',
    ]) {
      assert.throws(
        () => readAdminUrls([], { BANYAN_ADMIN_URL: text }),
        (error) =>
          error instanceof UsageError &&
          /^BANYAN_ADMIN_URL must be/.test(error.message) &&
          !error.message.includes('secret'),
        text,
      );
    }
    assert.throws(() => readAdminUrls(['here'], {}), /^UsageError: --url must be URLs.*, not "here"/);
  });
});

describe('the tokens', () => {
  it('are the variables, a list by its first, else the files that npm start leaves', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-tokens-'));
    try {
      assert.deepEqual(await readTokens({}, folder), { operator: undefined, viewer: undefined });
      await mkdir(join(folder, '.data'));
      await writeFile(join(folder, '.data', 'admin-token'), 'of-the-file==\n');
      assert.deepEqual(await readTokens({}, folder), { operator: 'of-the-file==', viewer: undefined });
      await mkdir(join(folder, 'elsewhere'));
      await writeFile(join(folder, 'elsewhere', 'viewer-token'), 'of-elsewhere\n');
      assert.deepEqual(await readTokens({ STACK_DATA_DIR: 'elsewhere' }, folder), {
        operator: undefined,
        viewer: 'of-elsewhere',
      });
      // One of another gateway is not mixed with those of this machine's.
      assert.deepEqual(await readTokens({ BANYAN_VIEWER_TOKEN: 'of-the-environment' }, folder), {
        operator: undefined,
        viewer: 'of-the-environment',
      });
      const env = {
        BANYAN_ADMIN_TOKEN: 'ann=token-of-ann==, bob=token-of-bob',
        BANYAN_VIEWER_TOKEN: 'padded==',
      };
      assert.deepEqual(await readTokens(env, folder), { operator: 'token-of-ann==', viewer: 'padded==' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('who a command runs for', () => {
  it('is a name that fits a header field', () => {
    assert.match(readAuthor(), /^[\x21-\x7e]{1,128}$/);
    assert.ok(readAuthor().includes('@'));
  });
});
