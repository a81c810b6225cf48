import type { IncomingMessage } from 'node:http';
import { faultOf, refuseFaults } from './members.ts';
import { Refusal } from './problem.ts';
import { repeatedNames } from './repeated-names.ts';

const BODY_BYTES_MAX = 65_536;
const JSON_TYPE = /^application\/json(?:\s*;\s*charset\s*=\s*"?utf-8"?)?\s*$/i;

/**
 * The JSON of a body that is bounded and is nothing else, and has no name twice. What a browser's form can send is refused by its type.
 * A body that is too large is read to its end, or until the listener's limit of time, so that its sender gets to
 * see the answer.
 */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const { 'content-type': type = '', 'content-encoding': encoding } = request.headers;
  if (!JSON_TYPE.test(type)) {
    request.resume();
    throw new Refusal(
      'unsupported-media-type',
      `Content-Type must be application/json; got ${JSON.stringify(type.slice(0, 120))}.`,
    );
  }
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    request.resume();
    throw new Refusal('unsupported-media-type', 'Content-Encoding must not be there.');
  }
  return parse(await collect(request));
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const pieces: Buffer[] = [];
  let size = 0;
  const onData = (piece: Buffer): void => {
    size += piece.length;
    if (size <= BODY_BYTES_MAX) return void pieces.push(piece);
    request.off('data', onData);
    request.resume();
    reject(tooLarge());
  };
  request.on('data', onData);
  request.once('end', () => resolve(Buffer.concat(pieces)));
  request.once('close', () => reject(new Refusal('malformed-json', 'The body broke off.')));
  return promise;
}

function parse(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal('malformed-json', 'The body is not UTF-8.');
  }
  if (text === '') throw new Refusal('malformed-json', 'The body is empty; it must be a JSON object.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal('malformed-json', `The body is not JSON: ${(error as Error).message.slice(0, 200)}.`);
  }
  refuseFaults(repeatedNames(text).map((name) => faultOf(name, 'must be there once')));
  return value;
}

function tooLarge(): Refusal {
  return new Refusal('payload-too-large', `The body must have at most ${BODY_BYTES_MAX} bytes.`);
}
