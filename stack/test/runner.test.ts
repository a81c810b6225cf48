import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isSameProcess, type ProcessIdentity, readProcessIdentity } from '../bootstrap/process-identity.mjs';
import { type RunState, readRunState, runStatePath, writeRunState } from '../src/processes/run-state.ts';
import { prepareServiceUser } from '../src/setup/service-user.ts';
import { startProcess, type TestProcess } from '../src/testing/processes.ts';
import { until } from '../src/testing/until.ts';

const READY_MS = 120_000;
const END_MS = 60_000;
const PORT_VARIABLES = [
  ...['PORT', 'ADMIN_PORT', 'MONOLITH_PORT', 'ACQUIRER_PORT', 'MAIL_SMTP_PORT', 'MAIL_PORT'],
  ...['STACK_POSTGRES_PORT', 'STACK_REDIS_PORT'],
];

const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-runner-test-')));
const dataDir = join(temporary, 'data');
const statePath = runStatePath(dataDir);
const started: TestProcess[] = [];

/** `npm start` without npm: little data, free ports, a data folder of these tests. */
function startStack(env: Record<string, string> = {}, options: string[] = []): TestProcess {
  const anyPorts = Object.fromEntries(PORT_VARIABLES.map((name) => [name, '0']));
  const stack = startProcess({
    args: ['stack/src/main.ts', ...options],
    env: { ...anyPorts, STACK_DATA_DIR: dataDir, STACK_SEED_SCALE: 'small', ...env },
  });
  started.push(stack);
  return stack;
}

async function ready(stack: TestProcess): Promise<void> {
  const ended = endOf(stack);
  const isReady = () => stack.lines.some((line) => line.startsWith('ready in'));
  await until(() => isReady() || ended.status !== undefined, { deadlineMs: READY_MS, what: 'the start' });
  assert.ok(isReady(), `the stack ended:\n${stack.lines.join('\n')}`);
}

async function statusOf(stack: TestProcess): Promise<number | NodeJS.Signals> {
  const ended = endOf(stack);
  await until(() => ended.status !== undefined, { deadlineMs: END_MS, what: 'the end of the stack' });
  return ended.status ?? 'SIGKILL';
}

/** Its status appears once the process has ended. */
function endOf(stack: TestProcess): { status?: number | NodeJS.Signals } {
  const end: { status?: number | NodeJS.Signals } = {};
  void stack.ended.then((status) => {
    end.status = status;
  });
  return end;
}

const gatewayUrl = (stack: TestProcess): string => shownUrl(stack, 'gateway');
const adminUrl = (stack: TestProcess): string => shownUrl(stack, "gateway's admin API");

function shownUrl(stack: TestProcess, name: string): string {
  const line = stack.lines.find((each) => each.startsWith(`  ${name}  `) && each.includes('http'));
  return line?.trim().split(/\s+/).at(-1) ?? '';
}

function stateNow(): RunState {
  const state = readRunState(statePath);
  assert.ok(state, 'a running stack has a state file');
  return state;
}

function everyoneOf(state: RunState): ProcessIdentity[] {
  const guardian = state.guardian ? [state.guardian] : [];
  return [state.runner, ...guardian, ...state.processes.map(({ identity }) => identity)];
}

async function nobodyIsLeft(identities: ProcessIdentity[]): Promise<void> {
  await until(() => !identities.some(isSameProcess), {
    deadlineMs: END_MS,
    what: 'the end of all processes',
  });
}

after(async () => {
  for (const stack of started) stack.signal('SIGTERM');
  for (const stack of started) await stack.ended;
  const { home } = prepareServiceUser(dataDir);
  for (const folder of [temporary, home]) rmSync(folder, { recursive: true, force: true });
});

describe('the runner', { concurrency: false }, () => {
  test('an unknown option is named, with exit status 2', async () => {
    const stack = startStack({}, ['--frsh']);
    assert.equal(await statusOf(stack), 2);
    assert.match(stack.lines.join('\n'), /--frsh/);
  });

  test('a wrong environment is refused with all its faults at once', async () => {
    const stack = startStack({ PORT: '80.5', SEED_DATE: 'tomorrow', REDIS_URL: 'http://u:pw1234@h' });
    assert.equal(await statusOf(stack), 1);
    const said = stack.lines.join('\n');
    for (const name of ['PORT', 'SEED_DATE', 'REDIS_URL']) assert.match(said, new RegExp(`- ${name} must`));
    assert.doesNotMatch(said, /pw1234/);
  });

  test('an occupied port is named, with who holds it and the variable that moves it', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    try {
      const stack = startStack({ MONOLITH_PORT: String(port) });
      assert.equal(await statusOf(stack), 1);
      const said = stack.lines.join('\n');
      const holder = `by .*\\(process ${process.pid}\\)`;
      assert.match(said, new RegExp(`Port ${port}, for the monolith, is taken ${holder}: .*MONOLITH_PORT`));
      // The offset would not move what is set by itself.
      assert.match(said, /Mend it with: +MONOLITH_PORT=0 npm start$/m);
      assert.doesNotMatch(said, /^stopped$/m);
    } finally {
      other.close();
    }
  });

  test('a pid that has become another process is left alone', async () => {
    const foreign = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const other = createServer().listen(0, '127.0.0.1');
    try {
      const identity = readProcessIdentity(foreign.pid ?? 0);
      assert.ok(identity);
      const stale = { pid: identity.pid, startedAt: 'an earlier boot/1' };
      mkdirSync(dataDir, { recursive: true });
      writeRunState(statePath, {
        runId: 'long ago',
        runner: stale,
        guardian: stale,
        processes: [{ name: 'gateway', identity: stale, stop: { phase: 3, signal: 'SIGTERM', graceMs: 10 } }],
        removeAtEnd: [],
      });
      await until(() => other.listening, { deadlineMs: 20_000 });
      const { port } = other.address() as { port: number };
      assert.equal(await statusOf(startStack({ MONOLITH_PORT: String(port) })), 1);
      assert.ok(isSameProcess(identity), 'the foreign process must still run');
    } finally {
      foreign.kill('SIGKILL');
      other.close();
    }
  });

  test('a stack serves by the gateway; a second one on its data is refused; SIGINT leaves nobody', async () => {
    const stack = startStack();
    await ready(stack);
    const everyone = everyoneOf(stateNow());
    assert.equal(everyone.length, 8);
    const answer = await fetch(`${gatewayUrl(stack)}/api/v1/session`, {
      headers: { 'X-Api-Key': 'mk_demo_globetrotter_0001' },
    });
    assert.equal(answer.status, 200);
    await answer.arrayBuffer();

    const tokens = ['admin-token', 'viewer-token'].map((name) => {
      assert.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600);
      return readFileSync(join(dataDir, name), 'utf8').trim();
    });
    const statuses = ['none', ...tokens].map(async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${adminUrl(stack)}/admin/v1/routes`, { headers })).status;
    });
    assert.deepEqual(await Promise.all(statuses), [401, 200, 200]);
    assert.notEqual(tokens[0], tokens[1]);
    assert.ok(!tokens.some((token) => stack.lines.join().includes(token)), 'no token is shown');

    const second = startStack();
    assert.equal(await statusOf(second), 1);
    assert.doesNotMatch(second.lines.join('\n'), /^stopped$/m);
    assert.match(second.lines.join('\n'), new RegExp(`already running .* \\(process ${stack.pid}\\)`));

    stack.signal('SIGINT');
    assert.equal(await statusOf(stack), 0);
    await nobodyIsLeft(everyone);
    assert.equal(readRunState(statePath), null);
  });

  test('killing the runner leaves nobody, and the next start recovers', async () => {
    const stack = startStack();
    await ready(stack);
    const everyone = everyoneOf(stateNow());
    stack.signal('SIGKILL');
    // Begun at once: it has to wait for the guardian of the one that was killed.
    const next = startStack();
    await nobodyIsLeft(everyone);
    await ready(next);
    next.signal('SIGINT');
    assert.equal(await statusOf(next), 0);
  });

  test('with runner and guardian killed, the next start ends what they left', async () => {
    const stack = startStack();
    await ready(stack);
    const state = stateNow();
    assert.ok(state.guardian);
    process.kill(state.guardian.pid, 'SIGSTOP');
    stack.signal('SIGKILL');
    process.kill(state.guardian.pid, 'SIGKILL');
    await nobodyIsLeft([state.runner, state.guardian]);
    assert.ok(
      state.processes.every(({ identity }) => isSameProcess(identity)),
      'the children still run',
    );

    const next = startStack();
    await ready(next);
    assert.ok(!state.processes.some(({ identity }) => isSameProcess(identity)));
    next.signal('SIGINT');
    assert.equal(await statusOf(next), 0);
  });

  test('a part that dies is named, and takes no other with it', async () => {
    const stack = startStack();
    await ready(stack);
    const state = stateNow();
    const { processes } = state;
    for (const name of ['redis', 'postgres', 'monolith']) {
      const part = processes.find((each) => each.name === name);
      assert.ok(part, `${name} is a part of the stack`);
      process.kill(part.identity.pid, 'SIGKILL');
      await until(() => stack.lines.some((line) => line.includes(`${name} was ended by SIGKILL`)), {
        deadlineMs: END_MS,
        what: `the word that ${name} has ended`,
      });
    }
    const others = processes.filter(({ name }) => !['redis', 'postgres', 'monolith'].includes(name));
    assert.ok(
      others.every(({ identity }) => isSameProcess(identity)),
      'the others still run',
    );
    const answer = await fetch(`${gatewayUrl(stack)}/api/v1/session`);
    assert.equal(answer.status, 502);
    await answer.arrayBuffer();

    for (const { identity } of others) process.kill(identity.pid, 'SIGKILL');
    assert.equal(await statusOf(stack), 1, 'with no part left it ends');
    await nobodyIsLeft(everyoneOf(state));
  });

  test('a stale postmaster.pid of another process does not keep Postgres from starting', async () => {
    const { home } = prepareServiceUser(dataDir);
    writeFileSync(join(home, 'postgres', 'postmaster.pid'), `${process.pid}\n${join(home, 'postgres')}\n`);
    const stack = startStack();
    await ready(stack);
    stack.signal('SIGTERM');
    assert.equal(await statusOf(stack), 0);
  });
});
