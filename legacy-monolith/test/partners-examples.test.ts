import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { processEnvironment } from '@banyan/stack/testing/processes';
import { seedMeridian } from '../src/seed/seed.ts';
import { startMonolith } from './support/monolith.ts';

/** The address of `npm start`, as the examples have it. */
const ADDRESS = 'http://127.0.0.1:8080';
const EXAMPLE_MS = 110_000;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const text = await readFile(join(ROOT, 'docs', 'partners.md'), 'utf8');
const examples = [...text.matchAll(/^```(sh|js)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
  language: language as 'sh' | 'js',
  code: code as string,
}));

/** Data of today, as `npm start` makes it: the examples look for flights of the coming days. */
const database = await createTestDatabase('migrated');
after(() => database.drop());
const today = new Date();
await seedMeridian(database.url, { seedDate: today.toISOString().slice(0, 10), scale: 'small' });
const acquirer = await createAcquirer({ port: 0 });
after(() => acquirer.stop());
const site = await startMonolith(
  { after },
  { template: 'empty', databaseUrl: database.url, env: { ACQUIRER_URL: acquirer.url } },
);
site.setNow(today);
const folder = await mkdtemp(join(tmpdir(), 'partners-examples-'));
after(() => rm(folder, { recursive: true }));

const hasCurl = spawnSync('curl', ['--version']).error === undefined;

/** Runs an example as if it had been pasted, and gives what it wrote; twice, as people do. */
async function run(example: (typeof examples)[number] | undefined): Promise<string> {
  assert.ok(example, 'the example is there');
  assert.ok(example.code.includes(ADDRESS));
  const code = example.code.replaceAll(ADDRESS, site.url);
  let out = '';
  for (let time = 0; time < 2; time += 1) out = await runOnce(example.language, code);
  return out;
}

async function runOnce(language: 'sh' | 'js', code: string): Promise<string> {
  const [program, args, cwd] =
    language === 'sh'
      ? (['sh', ['-eu', '-c', code], folder] as const)
      : ([process.execPath, ['--input-type=module', '--eval', code], ROOT] as const);
  const environment = processEnvironment();
  const path = [dirname(process.execPath), environment.PATH].join(delimiter);
  const child = spawn(program, args, {
    cwd,
    env: { ...environment, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: EXAMPLE_MS,
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
  }
  const [status] = await once(child, 'close');
  assert.equal(status, 0, out);
  return out;
}

const ofLanguage = (language: 'sh' | 'js') => examples.filter((example) => example.language === language);
const skip = hasCurl ? false : 'curl is not installed';

test('there are no examples but those that are run here', () => {
  assert.deepEqual(
    examples.map(({ language }) => language),
    ['sh', 'sh', 'js', 'sh'],
  );
});

test('the key is known', { skip }, async () => {
  const session = JSON.parse(await run(ofLanguage('sh')[0]));
  assert.equal(session.email, 'partner@globetrotter.example');
});

test('a booking is found, paid, printed and cancelled', { skip }, async () => {
  const out = await run(ofLanguage('sh')[1]);
  assert.match(out, /"result":"APPROVED".*"invoice_status":"PAID"/);
  assert.match(out, /\{"status":"CANCELLED"\}$/);
  assert.match(await readFile(join(folder, 'invoice.pdf'), 'latin1'), /^%PDF-/);
});

test('a SOAP client books and reads', async () => {
  assert.match(await run(ofLanguage('js')[0]), /^[0-9A-Z]{6} HELD \d+(\.\d+)?\n$/);
});

test('an envelope written by hand is answered', { skip }, async () => {
  const out = await run(ofLanguage('sh')[2]);
  assert.match(out, /<reference>[0-9A-Z]{6}<\/reference>/);
  assert.doesNotMatch(out, /Fault/);
});
