import { type IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { PATH } from './protocol.ts';

/** What a request that wants to become a socket brings along. */
export type Upgrade = { socket: Duplex; head: Buffer };

export type Upgrades = {
  /** For the server's `upgrade` event. */
  listener(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Takes the connection away from the response, which is written no more. Null when the request asked for no
   * upgrade, or its connection was taken already.
   */
  take(req: IncomingMessage, res: ServerResponse): Upgrade | null;
};

const NO_SUCH_RESOURCE = '{"error":"not_found","message":"No such resource."}';
/** A client that does not read its refusal is cut off. */
const REFUSAL_MS = 10_000;

/**
 * Requests for an upgrade, put on the same way through the application as every other: a refusal is then the
 * answer that everybody gets, session renewal and error shape included, and the route that accepts takes the
 * connection. Only the path of the live map goes this way; elsewhere there is nothing to upgrade to.
 */
export function createUpgrades(app: RequestListener): Upgrades {
  const waiting = new WeakMap<IncomingMessage, Upgrade>();
  return {
    listener(req, socket, head) {
      socket.on('error', () => socket.destroy());
      const res = new ServerResponse(req);
      // Nobody parses a second request from this connection.
      res.shouldKeepAlive = false;
      res.assignSocket(socket as Socket);
      res.once('finish', () => {
        res.detachSocket(socket as Socket);
        const cut = setTimeout(() => socket.destroy(), REFUSAL_MS);
        socket.once('close', () => clearTimeout(cut));
        // Whatever else the client sends is of no interest, but would keep the connection from its end.
        socket.end(() => socket.destroy());
      });
      if (!isLiveMap(req.url)) {
        res.writeHead(404, {
          'Content-Type': 'application/json; charset=utf-8',
          'Content-Length': NO_SUCH_RESOURCE.length,
        });
        res.end(NO_SUCH_RESOURCE);
        return;
      }
      waiting.set(req, { socket, head });
      app(req, res);
    },
    take(req, res) {
      const upgrade = waiting.get(req);
      if (!upgrade) return null;
      waiting.delete(req);
      res.detachSocket(upgrade.socket as Socket);
      return upgrade;
    },
  };
}

/** Other protocols are offered by clients that do not insist (`Upgrade: h2c`): their requests are served as usual. */
export function isWebSocketUpgrade(req: IncomingMessage): boolean {
  return (req.headers.upgrade ?? '').trim().toLowerCase() === 'websocket';
}

/** As Express would match it: without regard to case or a trailing slash. */
function isLiveMap(url: string | undefined): boolean {
  const path = (url ?? '').split('?', 1)[0] ?? '';
  return path.replace(/(?<=.)\/$/, '').toLowerCase() === PATH;
}
