import { connect, type Socket } from 'node:net';

export type RawExchange = {
  readonly socket: Socket;
  /** All bytes so far, as Latin-1. */
  received(): string;
  /** Waits until what was received satisfies the condition, the connection closed or not. */
  receive(until: (text: string) => boolean): Promise<string>;
  /** Waits for the end of the connection, and tells how it ended. */
  ended(): Promise<'end' | 'reset'>;
};

const DEADLINE_MS = 30_000;

/** A client that says exactly these bytes and sees exactly what comes back. */
export function sendRaw(port: number, bytes: string): RawExchange {
  const socket = connect({ port, host: '127.0.0.1' });
  let text = '';
  let ending: 'end' | 'reset' | undefined;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {
    ending = 'reset';
  });
  socket.on('close', () => {
    ending ??= 'end';
  });
  socket.write(bytes, 'latin1');
  const wait = async (done: () => boolean, what: string): Promise<void> => {
    const endAt = performance.now() + DEADLINE_MS;
    while (!done()) {
      if (performance.now() > endAt)
        throw new Error(`${what} did not come; received ${JSON.stringify(text)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    socket,
    received: () => text,
    receive: async (until) => {
      await wait(() => until(text) || ending !== undefined, 'what was waited for');
      if (!until(text)) throw new Error(`the connection ended before; received ${JSON.stringify(text)}`);
      return text;
    },
    ended: async () => {
      await wait(() => ending !== undefined, 'the end of the connection');
      return ending as 'end' | 'reset';
    },
  };
}
