// The live seat map's socket: connects again by itself, waiting longer each time, and starts from the snapshot.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

export function openSeatSocket(flightId, { onState, onSnapshot, onMessage }) {
  let socket = null;
  let waitMs = FIRST_WAIT_MS;
  let closed = false;

  const connect = () => {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    socket = new WebSocket(`${scheme}//${location.host}/ws/seats?flight_id=${encodeURIComponent(flightId)}`);
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(data);
      if (message.type !== 'snapshot') {
        onMessage(message);
        return;
      }
      waitMs = FIRST_WAIT_MS;
      onState('on');
      onSnapshot(message);
    });
    socket.addEventListener('close', () => {
      socket = null;
      if (closed) return;
      onState('retrying');
      // Not all at once after the server was away.
      setTimeout(connect, waitMs * (0.75 + Math.random() / 2));
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    });
  };

  const send = (message) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  window.addEventListener('pagehide', () => {
    closed = true;
    socket?.close();
  });
  window.addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    closed = false;
    connect();
  });
  connect();
  return {
    pick: (seat) => send({ type: 'pick', seat }),
    release: (seat) => send({ type: 'release', seat }),
  };
}
