import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { sendRaw } from './support/raw-client.ts';
import { withGateway } from './support/with-gateway.ts';

const tls = (name: string) => readFile(new URL(`./support/tls/${name}`, import.meta.url), 'utf8');

describe('an https monolith', async () => {
  const [key, cert] = await Promise.all([tls('key.pem'), tls('certificate.pem')]);
  const server = createServer({ key, cert }, (request, response) => {
    response.end(
      `${request.headers.host} by ${(request.socket as unknown as { servername: string }).servername}`,
    );
  });
  let port = 0;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const answerOf = async (url: string, monolithCa: string | undefined): Promise<string> => {
    const sources = monolithCa === undefined ? {} : { monolithCa };
    return withGateway({ env: { MONOLITH_URL: url }, sources }, async ({ port }) => {
      const { socket, receive } = sendRaw(port, 'GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n');
      const text = await receive((text) => /\r\n\r\n.*\S\s*$/s.test(text));
      socket.destroy();
      return text;
    });
  };

  it("is known by the URL's name, whatever Host the client sends, and gets that Host", async () => {
    assert.match(await answerOf(`https://localhost:${port}`, cert), /shop\.example by localhost$/);
  });
  it('that no known authority vouches for is 502', async () => {
    assert.match(await answerOf(`https://localhost:${port}`, undefined), /^HTTP\/1\.1 502 /);
  });
  it('whose certificate is for another name is 502', async () => {
    assert.match(await answerOf(`https://127.0.0.1:${port}`, cert), /^HTTP\/1\.1 502 /);
  });
});
