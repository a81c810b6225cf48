import { strict as assert } from 'node:assert';
import type { ProxySettings, RunningProxy, StartProxy } from './proxies.ts';
import { connectRaw, type RawSocket } from './raw-socket.ts';
import { RecordingUpstream } from './recording-upstream.ts';

/** A clause of the promise, as a test. */
export type Case = {
  readonly clause: string;
  /** The guarantee, as a sentence. */
  readonly name: string;
  readonly settings?: ProxySettings;
  /** The proxy's time stands still but for `kit.pass`, so that no machine is too slow for a limit. */
  readonly isTimeByHand?: boolean;
  run(kit: Kit): Promise<void>;
};

/** A proxy under test, its upstream, and clients. */
export class Kit {
  readonly upstream = new RecordingUpstream();
  proxy!: RunningProxy;
  readonly #clients: RawSocket[] = [];
  nowMs = 0;
  /** The same proxy anew, where it was drained. */
  restart!: () => Promise<void>;

  async client(): Promise<RawSocket> {
    const client = await connectRaw(this.proxy.port);
    this.#clients.push(client);
    return client;
  }

  /** Where time is moved by hand. */
  pass(ms: number): void {
    this.nowMs += ms;
  }

  /** Sends a request that has no body, and returns the head that the upstream sees. */
  async seen(request: string | Buffer): Promise<string> {
    const client = await this.client();
    client.send(request);
    const upstream = await this.upstream.take();
    return upstream.readHead();
  }

  /** One request and its answer, both played by hand. */
  async exchange(
    request: string,
    answer: string,
  ): Promise<{ client: RawSocket; upstream: RawSocket; head: string }> {
    const client = await this.client();
    client.send(request);
    const upstream = await this.upstream.take();
    await upstream.readHead();
    upstream.send(answer);
    return { client, upstream, head: await client.readHead() };
  }

  /** Nothing of what a client sent may have become a request. */
  assertUntouched(): void {
    const bytes = this.upstream.connections.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
    assert.equal(bytes, 0, 'the upstream received something');
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.proxy?.stop();
    await this.upstream.stop();
  }
}

export async function runCase(testCase: Case, startProxy: StartProxy): Promise<void> {
  const kit = new Kit();
  await kit.upstream.start();
  try {
    const time = testCase.isTimeByHand ? { now: () => kit.nowMs } : {};
    const start = () => startProxy(kit.upstream.url, { ...testCase.settings, ...time });
    kit.proxy = await start();
    kit.restart = async () => {
      await kit.proxy.stop();
      kit.proxy = await start();
    };
    await testCase.run(kit);
  } finally {
    await kit.close();
  }
}

export const GET = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** The head that the upstream sees, without the fields of our own that tell who asked. */
export const withoutForwarding = (head: string): string => head.replace(/^X-Forwarded-[^\r]*\r\n/gim, '');
