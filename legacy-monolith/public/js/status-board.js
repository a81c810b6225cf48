// A flight's status as it changes. The browser connects again by itself when the stream drops.

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function followFlight(board) {
  const note = board.querySelector('[data-live-note]');
  const live = (state, text) => {
    note.dataset.live = state;
    note.textContent = text;
  };
  let stream = null;
  const open = () => {
    stream = new EventSource(board.dataset.stream);
    stream.addEventListener('open', () => live('on', 'Live'));
    stream.addEventListener('error', () => {
      if (stream.readyState === EventSource.CLOSED) live('off', 'No live updates; reload to see the latest');
      else live('retrying', 'Connection lost, trying again');
    });
    stream.addEventListener('status', ({ data }) => showStatus(board, JSON.parse(data)));
  };
  window.addEventListener('pagehide', () => stream.close());
  // A page that comes back out of the browser's memory has a stream that was closed.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) open();
  });
  open();
}

function showStatus(board, flight) {
  show(board, 'status', words(flight.status));
  show(board, 'gate', flight.gate ?? '–');
  show(board, 'departs_at', displayDateTime(flight.departs_at));
  show(board, 'arrives_at', displayDateTime(flight.arrives_at));
}

function show(board, name, text) {
  const place = board.querySelector(`[data-board="${name}"]`);
  if (place.textContent === text) return;
  place.textContent = text;
  place.classList.remove('changed');
  // The animation starts anew only when the browser has seen the class gone.
  void place.offsetWidth;
  place.classList.add('changed');
}

function words(code) {
  const text = code.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `Sun 22 Nov 2026, 19:30` of `2026-11-22 19:30:00`, UTC, as the server writes it. */
function displayDateTime(wallClock) {
  const at = new Date(`${wallClock.replace(' ', 'T')}Z`);
  const day = `${DAYS[at.getUTCDay()]} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  return `${day}, ${wallClock.slice(11, 16)}`;
}
