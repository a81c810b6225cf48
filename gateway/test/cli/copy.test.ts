import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installOwnership } from '@banyan/mover/install-ownership';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { startProcess } from '@banyan/stack/testing/processes';
import pg from 'pg';

const LAUNCHER = fileURLToPath(new URL('../../bin/banyan.mjs', import.meta.url));
const CONFIG = `
const rows = 'SELECT id, word FROM notes';
export default {
  monolith: 'http://127.0.0.1:3000',
  carveOuts: [
    {
      name: 'note-book',
      dataPlan: {
        aggregate: 'notes',
        schema: 'public',
        tables: [{ table: 'notes', key: ['id'], columns: ['id', 'word'], fromMonolith: rows, toMonolith: rows }],
      },
    },
    { name: 'planless' },
  ],
};
`;

type Ended = { status: number | string; lines: readonly string[] };
type Banyan = (args: string[], env?: Record<string, string>) => Promise<Ended>;

/** The command in a folder with a configuration, and two databases with one table of three rows. */
async function withBanyan(work: (banyan: Banyan, monolith: pg.Client) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-cli-'));
  const databases = [await createTestDatabase('empty'), await createTestDatabase('empty')];
  const [monolithUrl = '', serviceUrl = ''] = databases.map(({ url }) => url);
  const monolith = new pg.Client({ connectionString: monolithUrl });
  try {
    await monolith.connect();
    const service = new pg.Client({ connectionString: serviceUrl });
    await service.connect();
    for (const client of [monolith, service])
      await client.query('CREATE TABLE notes (id int PRIMARY KEY, word text)');
    await service.end();
    await monolith.query("INSERT INTO notes VALUES (1, 'a'), (2, 'b'), (3, NULL)");
    const aggregates = { notes: ['notes'] };
    await installOwnership(monolithUrl, { side: 'monolith', aggregates, initialOwner: 'monolith' });
    await installOwnership(serviceUrl, { side: 'service', aggregates, initialOwner: 'monolith' });
    await writeFile(join(folder, 'banyan.config.mjs'), CONFIG);
    const banyan: Banyan = async (args, env = {}) => {
      const command = startProcess({
        args: [LAUNCHER, ...args],
        folder,
        env: {
          BANYAN_CONFIG: 'banyan.config.mjs',
          MONOLITH_DATABASE_URL: monolithUrl,
          NOTE_BOOK_DATABASE_URL: serviceUrl,
          ...env,
        },
      });
      return { status: await command.ended, lines: command.lines };
    };
    await work(banyan, monolith);
  } finally {
    await monolith.end();
    for (const database of databases) await database.drop();
    await rm(folder, { recursive: true });
  }
}

test('banyan copy moves a carve-out and says so, for people and for scripts', () =>
  withBanyan(async (banyan, monolith) => {
    const moved = await banyan(['copy', 'note-book', '--to', 'service']);
    assert.equal(moved.status, 0);
    assert.match(moved.lines.join('\n'), /copy {2}notes {2}3 of 3 rows \(100 %\)/);
    assert.match(
      moved.lines.at(-1) ?? '',
      /^note-book is the service's now, in term 2: 3 rows copied and compared/,
    );
    await assert.rejects(monolith.query('DELETE FROM notes'), { code: 'BNY01' });

    const again = await banyan(['copy', 'note-book', '--to', 'service', '--json']);
    assert.equal(again.status, 0);
    assert.equal(again.lines.length, 1);
    const { moved: hasMoved, owner, epoch } = JSON.parse(again.lines[0] ?? '');
    assert.deepEqual([hasMoved, owner, epoch], [false, 'service', 2]);
  }));

test('a refusal is a sentence and status 1', () =>
  withBanyan(async (banyan, monolith) => {
    await monolith.query("UPDATE banyan.own SET owner = 'service'");
    const refused = await banyan(['copy', 'note-book', '--to', 'service']);
    assert.equal(refused.status, 1);
    assert.match(refused.lines.join('\n'), /^refused: It cannot be told who owns notes/);
    const json = await banyan(['copy', 'note-book', '--to', 'service', '--json']);
    assert.equal(json.status, 1);
    const line = json.lines.find((text) => text.startsWith('{')) ?? '';
    assert.equal(JSON.parse(line).refused.code, 'CONTRADICTION');
  }));

test('a call that the command does not have is status 2, and says how it is called', () =>
  withBanyan(async (banyan) => {
    for (const [args, message, env] of [
      [[], /usage:/, {}],
      [['fly'], /no command fly/, {}],
      [['copy'], /one carve-out must be named/, {}],
      [['copy', 'note-book'], /--to must be service or monolith/, {}],
      [['copy', 'note-book', '--to', 'nowhere'], /--to must be service or monolith/, {}],
      [['copy', 'note-book', '--to', 'service', '--fast'], /--fast/, {}],
      [
        ['copy', 'other', '--to', 'service'],
        /no carve-out other \(it has note-book, planless\)/,
        { OTHER_DATABASE_URL: 'x' },
      ],
      [['copy', 'planless', '--to', 'service'], /no data plan/, { PLANLESS_DATABASE_URL: 'x' }],
      [
        ['copy', 'note-book', '--to', 'service'],
        /NOTE_BOOK_DATABASE_URL must be set/,
        { NOTE_BOOK_DATABASE_URL: '' },
      ],
      [
        ['copy', 'note-book', '--to', 'service'],
        /there is no .*nowhere\.ts/,
        { BANYAN_CONFIG: 'nowhere.ts' },
      ],
    ] as const) {
      const { status, lines } = await banyan([...args], env);
      assert.equal(status, 2, args.join(' '));
      assert.match(lines.join('\n'), message);
    }
    assert.equal((await banyan(['--help'])).status, 0);
    assert.equal((await banyan(['copy', '--help'])).status, 0);
  }));
