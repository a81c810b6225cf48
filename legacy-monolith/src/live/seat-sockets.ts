import type { IncomingMessage } from 'node:http';
import { type Request, type Response, Router } from 'express';
import { type WebSocket, WebSocketServer } from 'ws';
import { identityOf } from '../auth/guards.ts';
import { requiredFlightId } from '../flights/flight-queries.ts';
import { queryValue } from '../http/query.ts';
import { Refusal } from '../http/refusal.ts';
import type { RouterParts } from '../parts.ts';
import { CLOSE, FRAME_BYTES_MAX, PATH } from './protocol.ts';
import type { SeatHub } from './seat-hub.ts';
import { createSeatSocket, type SeatSocket, type SocketLimits } from './seat-socket.ts';
import type { Upgrades } from './upgrades.ts';

export type SeatSocketsLimits = SocketLimits & {
  socketsMax: number;
  socketsPerAccountMax: number;
  heartbeatMs: number;
};

const LIMITS: SeatSocketsLimits = {
  socketsMax: 1000,
  socketsPerAccountMax: 20,
  heartbeatMs: 20_000,
  frameRate: { burst: 40, perSecond: 10 },
  unreadBytesMax: 65_536,
  closeMs: 2000,
};

export type SeatSockets = {
  router: Router;
  start(): void;
  /** Closes all sockets with 1001 and accepts none any more. Who does not answer is cut after `closeMs`. */
  close(): void;
};

type SeatSocketsParts = Pick<RouterParts, 'guards' | 'clock' | 'logger'> & {
  hub: SeatHub;
  upgrades: Pick<Upgrades, 'take'>;
};

/** `/ws/seats`: who may in, the handshake, and the sockets that are open. The protocol is in `protocol.ts`. */
export function createSeatSockets(
  parts: SeatSocketsParts,
  overrides: Partial<SeatSocketsLimits> = {},
): SeatSockets {
  const limits = { ...LIMITS, ...overrides };
  const { hub, upgrades, clock, logger } = parts;
  const acceptor = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  });
  const sockets = new Set<SeatSocket>();
  const ofAccount = new Map<string, number>();
  let count = 0;
  let isClosing = false;

  let heartbeat: NodeJS.Timeout | undefined;

  /** Counts one more socket of the account, from the handshake on; gives the undo, or refuses. */
  const occupy = (accountId: string): (() => void) => {
    const own = ofAccount.get(accountId) ?? 0;
    if (isClosing || count >= limits.socketsMax || own >= limits.socketsPerAccountMax) {
      throw new Refusal('unavailable', 'Too many seat maps are open. Please try again later.', {
        retryAfterSeconds: 5,
      });
    }
    count += 1;
    ofAccount.set(accountId, own + 1);
    return () => {
      count -= 1;
      const left = (ofAccount.get(accountId) ?? 1) - 1;
      if (left > 0) ofAccount.set(accountId, left);
      else ofAccount.delete(accountId);
    };
  };

  const router = Router();
  router.get(PATH, parts.guards.requireLogin, async (req, res) => {
    const flightId = requiredFlightId(queryValue(req, 'flight_id'));
    const { accountId } = identityOf(req);
    const vacate = occupy(accountId);
    let isAccepted = false;
    try {
      const place = await hub.open(flightId);
      try {
        isAccepted = accept(req, res, (socket) => {
          const seatSocket = createSeatSocket(socket, flightId, place, limits, clock);
          sockets.add(seatSocket);
          socket.once('close', (code) => {
            sockets.delete(seatSocket);
            vacate();
            logger.info({ account: accountId, flight: flightId, code }, 'seat map closed');
          });
          logger.info({ account: accountId, flight: flightId }, 'seat map opened');
          // It was let in while the process began to stop.
          if (isClosing) seatSocket.close(CLOSE.goingAway);
        });
      } finally {
        if (!isAccepted) place.leave();
      }
    } finally {
      if (!isAccepted) vacate();
    }
  });

  /** The handshake. False when there is no socket to speak with in the end. */
  const accept = (req: Request, res: Response, onSocket: (socket: WebSocket) => void): boolean => {
    const upgrade = upgrades.take(req, res);
    if (upgrade === null) {
      res.status(426).set('Upgrade', 'websocket').set('Connection', 'Upgrade');
      res.json({ error: 'upgrade_required', message: 'Please ask for an upgrade to WebSocket.' });
      return false;
    }
    const headers = headersOfRenewal(res);
    const addHeaders = (lines: string[], of: IncomingMessage): void => {
      if (of === req) lines.push(...headers);
    };
    let isOpen = false;
    acceptor.on('headers', addHeaders);
    try {
      // Answers 400 by itself where the handshake is not one, and calls back at once where it is.
      acceptor.handleUpgrade(req, upgrade.socket, upgrade.head, (socket) => {
        isOpen = true;
        onSocket(socket);
      });
    } finally {
      acceptor.off('headers', addHeaders);
    }
    return isOpen;
  };

  return {
    router,
    start() {
      heartbeat ??= setInterval(() => {
        for (const socket of sockets) socket.probe();
      }, limits.heartbeatMs);
    },
    close() {
      isClosing = true;
      clearInterval(heartbeat);
      for (const socket of sockets) socket.close(CLOSE.goingAway);
    },
  };
}

/**
 * What every answer of this application carries: the session's renewed cookie before all. The response has no
 * connection any more; ending it makes the session layer write its header and prolong the stored session.
 */
function headersOfRenewal(res: Response): string[] {
  res.writeHead(101);
  const lines = ['X-Powered-By', 'Set-Cookie'].flatMap((name) =>
    [res.getHeader(name) ?? []].flat().map((value) => `${name}: ${value}`),
  );
  res.end();
  return lines;
}
