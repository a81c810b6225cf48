import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type NameServer = { readonly port: number; close(): Promise<void> };

const TYPE_A = 1;
const ANSWER_WITHOUT_ERROR = 0x8180;

/** Answers every question for an IPv4 address with all of these, as an engine's own does for replicas. */
export async function startNameServer(addresses: readonly string[]): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => socket.send(answer(query, addresses), port, address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** RFC 1035, section 4: header, the question as it came, and the records, which point to the question's name. */
function answer(query: Buffer, addresses: readonly string[]): Buffer {
  const endOfName = query.indexOf(0, 12) + 1;
  const question = query.subarray(12, endOfName + 4);
  const records = query.readUInt16BE(endOfName) === TYPE_A ? addresses : [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(ANSWER_WITHOUT_ERROR, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records.map(recordOf)]);
}

function recordOf(address: string): Buffer {
  const nameTypeClassTtlLength = [0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 5, 0, 4];
  return Buffer.from([...nameTypeClassTtlLength, ...address.split('.').map(Number)]);
}
