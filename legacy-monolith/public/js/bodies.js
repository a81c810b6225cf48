// What a form holds, as the JSON that the API takes.

const PART = /^passenger_(\d+)_(\w+)$/;
const IN_CAPITALS = new Set(['seat', 'frequent_flyer_no']);
/** For the pages' own posts only. */
const NOT_SENT = new Set(['form_token', 'version', 'adults', 'infants', 'next']);

export function plainBody(form) {
  return Object.fromEntries([...new FormData(form)].filter(([name]) => !NOT_SENT.has(name)));
}

export function bookingBody(form) {
  const { body, passengers } = split(form);
  return { flight_id: form.dataset.flightId, ...body, passengers: [...passengers.values()] };
}

/** With the ids of the passengers in the order in which they are sent: faults count them by it. */
export function changeBody(form) {
  const { body, passengers } = split(form);
  const list = [...passengers].map(([id, fields]) => ({ id, ...fields }));
  return { body: { ...body, passengers: list }, ids: [...passengers.keys()] };
}

/** The name of the field that asks for this seat. */
export function seatFieldOf(form, seat) {
  const inputs = [...form.querySelectorAll('input[name$="_seat"]')];
  return inputs.find((input) => input.value.trim().toUpperCase() === seat)?.name ?? null;
}

function split(form) {
  const body = {};
  const passengers = new Map();
  for (const [name, value] of Object.entries(plainBody(form))) {
    const [, number, part] = PART.exec(name) ?? [];
    if (!part) {
      body[name] = value;
      continue;
    }
    const fields = passengers.get(number) ?? {};
    fields[part] = IN_CAPITALS.has(part) ? value.trim().toUpperCase() : value;
    passengers.set(number, fields);
  }
  return { body, passengers };
}
