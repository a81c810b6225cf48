import type { RawData, WebSocket } from 'ws';
import { createFrameMeter, type FrameRate } from './frame-rate.ts';
import { CLOSE, MALFORMED_FRAMES_MAX, parseClientMessage, type ServerMessage, toFrame } from './protocol.ts';
import type { Place } from './seat-hub.ts';

export type SocketLimits = {
  frameRate: FrameRate;
  /** What a client may leave unread before it is dropped. */
  unreadBytesMax: number;
  /** How long a closing handshake may take before the connection is cut. */
  closeMs: number;
};

/** One client of the live map: its frames to its place in the room, the room's messages to it. */
export type SeatSocket = {
  /** Sends a ping; cuts the connection when the last one was not answered. */
  probe(): void;
  close(code: number): void;
};

export function createSeatSocket(
  socket: WebSocket,
  flightId: string,
  place: Place,
  limits: SocketLimits,
  clock: () => Date,
): SeatSocket {
  const isWithinRate = createFrameMeter(limits.frameRate);
  let malformed = 0;
  let isAlive = true;
  let isClosing = false;

  const close = (code: number): void => {
    if (isClosing) return;
    isClosing = true;
    place.leave();
    socket.close(code);
    // A client that does not read what was sent before will not read the closing frame either.
    const cut = setTimeout(() => socket.terminate(), limits.closeMs);
    socket.once('close', () => clearTimeout(cut));
  };

  const send = (message: ServerMessage): void => {
    if (isClosing) return;
    if (socket.bufferedAmount > limits.unreadBytesMax) close(CLOSE.tryAgainLater);
    else socket.send(toFrame(flightId, message));
  };

  const complain = (fault: string): void => {
    malformed += 1;
    send({ type: 'error', message: fault });
    if (malformed >= MALFORMED_FRAMES_MAX) close(CLOSE.policyViolation);
  };

  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isClosing) return;
    if (!isWithinRate(clock().getTime())) {
      send({ type: 'error', message: 'Too many frames in a short time.' });
      close(CLOSE.policyViolation);
      return;
    }
    if (isBinary) return complain('The frame must be text.');
    const message = parseClientMessage(data.toString());
    if ('fault' in message) return complain(message.fault);
    if (message.type === 'pick') place.pick(message.seat);
    else place.release(message.seat);
  });
  socket.on('pong', () => {
    isAlive = true;
  });
  // ws closes the socket by itself after a fault of the protocol, such as a frame over the limit.
  socket.on('error', () => place.leave());
  socket.on('close', () => place.leave());
  place.enter(send);

  return {
    probe() {
      if (!isAlive) {
        socket.terminate();
        return;
      }
      isAlive = false;
      socket.ping();
    },
    close,
  };
}
