// Picking seats on the map, and seeing what others pick meanwhile. The form's fields stay what counts.
import { openSeatSocket } from './seat-socket.js';

const WORDS = { free: 'free', taken: 'taken', other: 'somebody is looking at it', mine: 'yours' };
const REFUSALS = {
  taken: 'is taken.',
  picked: 'is being looked at by somebody else.',
  no_such_seat: 'is not on this aircraft.',
  too_many: 'is one too many at a time.',
};

export function enhanceSeatMap(map) {
  const form = map.closest('form');
  const inputs = [...form.querySelectorAll('input[name$="_seat"]')];
  const buttons = new Map(
    [...map.querySelectorAll('button[data-seat]')].map((button) => [button.dataset.seat, button]),
  );
  if (inputs.length === 0) return;
  /** Seats of this very booking: taken for the rest of the world, ours to keep. */
  const own = new Set(
    [...buttons.values()].filter((b) => b.dataset.state === 'mine').map((b) => b.dataset.seat),
  );
  const taken = new Set(
    [...buttons.values()].filter((b) => b.dataset.state === 'taken').map((b) => b.dataset.seat),
  );
  const others = new Set();
  let current = inputs.find((input) => input.value === '') ?? inputs[0];

  const chosen = () =>
    new Map(inputs.filter((input) => seatOf(input)).map((input) => [seatOf(input), input]));
  const news = (text) => {
    map.querySelector('[data-seat-news]').textContent = text;
  };

  const draw = () => {
    const mine = chosen();
    for (const [seat, button] of buttons) {
      const state = isTaken(seat) ? 'taken' : others.has(seat) ? 'other' : mine.has(seat) ? 'mine' : 'free';
      button.dataset.state = state;
      button.disabled = state === 'taken' || state === 'other';
      button.setAttribute('aria-pressed', String(state === 'mine'));
      button.setAttribute('aria-label', `${button.dataset.label}, ${WORDS[state]}`);
    }
    drawTravellers();
    const summary = form.querySelector('[data-chosen-seats]');
    if (summary)
      summary.textContent = [...mine.keys()].filter((seat) => isOurs(seat)).join(', ') || 'none yet';
  };

  const isTaken = (seat) => taken.has(seat) && !own.has(seat);
  const isOurs = (seat) => buttons.get(seat)?.dataset.state === 'mine';

  const drawTravellers = () => {
    const place = map.querySelector('[data-seat-for]');
    place.replaceChildren(
      ...inputs.map((input) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = `${travellerOf(input)}: ${seatOf(input) || 'no seat'}`;
        button.setAttribute('aria-pressed', String(input === current));
        button.addEventListener('click', () => {
          current = input;
          drawTravellers();
        });
        return button;
      }),
    );
  };

  const socket = openSeatSocket(map.dataset.flightId, {
    onState: (live) => showLive(map, live),
    onSnapshot: (message) => {
      taken.clear();
      others.clear();
      for (const seat of message.taken) taken.add(seat);
      for (const { seat, by } of message.picked) if (by === 'other') others.add(seat);
      for (const seat of chosen().keys()) if (!own.has(seat)) socket.pick(seat);
      draw();
    },
    onMessage: (message) => {
      const { type, seat, by } = message;
      if (type === 'picked' && by === 'other') others.add(seat);
      else if (type === 'released' && by === 'other') {
        others.delete(seat);
        regain(seat);
      } else if (type === 'taken') {
        taken.add(seat);
        others.delete(seat);
        if (chosen().has(seat) && !own.has(seat)) giveUp(seat, 'has just been taken.');
      } else if (type === 'freed') {
        taken.delete(seat);
        regain(seat);
      } else if (type === 'refused') {
        if (message.reason === 'picked') others.add(seat);
        if (message.reason === 'taken') taken.add(seat);
        giveUp(seat, REFUSALS[message.reason] ?? 'cannot be had.');
      }
      draw();
    },
  });

  /** The field keeps the seat: emptied, it would let the form be sent without one before anybody has read why. */
  const giveUp = (seat, why) => {
    const input = chosen().get(seat);
    // A form under way may have taken the seat itself; its answer tells.
    if (!input || form.dataset.busy) return;
    current = input;
    input.setAttribute('aria-invalid', 'true');
    sayBeside(input, `Seat ${seat} ${why} Please choose another.`);
    news(`Seat ${seat} ${why}`);
  };

  /** A seat that a field still asks for can be had after all. */
  const regain = (seat) => {
    const input = chosen().get(seat);
    if (!input || own.has(seat)) return;
    forgetFault(input);
    socket.pick(seat);
  };

  const forgetFault = (input) => {
    input.removeAttribute('aria-invalid');
    sayBeside(input, '');
  };

  const sayBeside = (input, text) => {
    const place = form.querySelector(`[data-error-for="${CSS.escape(input.name)}"]`);
    if (place) place.textContent = text;
  };

  const choose = (seat) => {
    const holder = chosen().get(seat);
    if (holder) {
      holder.value = '';
      current = holder;
      release(seat);
      news(`Seat ${seat} given back.`);
    } else {
      const before = seatOf(current);
      if (before) release(before);
      current.value = seat;
      forgetFault(current);
      if (!own.has(seat)) socket.pick(seat);
      news(`Seat ${seat} for ${travellerOf(current)}.`);
      current = inputs.find((input) => input.value === '') ?? current;
    }
    draw();
  };

  const release = (seat) => {
    if (!own.has(seat)) socket.release(seat);
  };

  for (const [seat, button] of buttons) button.addEventListener('click', () => choose(seat));
  for (const input of inputs) {
    let before = seatOf(input);
    input.addEventListener('focus', () => {
      before = seatOf(input);
      current = input;
      drawTravellers();
    });
    input.addEventListener('change', () => {
      if (before && before !== seatOf(input)) release(before);
      forgetFault(input);
      const now = seatOf(input);
      if (now && buttons.has(now) && !own.has(now)) socket.pick(now);
      before = now;
      draw();
    });
  }
  form.addEventListener('input', (event) => {
    if (/_name$/.test(event.target.name ?? '')) drawTravellers();
  });
  draw();
}

function seatOf(input) {
  return input.value.trim().toUpperCase();
}

/** By name as soon as there is one. */
function travellerOf(input) {
  const passenger = input.closest('[data-passenger]');
  const named = passenger?.querySelector('input[name$="_first_name"]')?.value.trim();
  return named || passenger?.querySelector('legend')?.textContent.trim() || 'Passenger';
}

function showLive(map, live) {
  const note = map.querySelector('[data-live-note] .live');
  note.dataset.live = live;
  note.textContent = {
    on: 'Live: you see what others pick as they do',
    retrying: 'Connection lost, trying again',
    off: 'The map as it was when this page was opened',
  }[live];
}
