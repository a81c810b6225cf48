// Forms that go through the site's own JSON API instead of a page, and say what is wrong without leaving it.
import { bookingBody, changeBody, plainBody, seatFieldOf } from './bodies.js';
import { faultsFoundHere } from './checks.js';
import { clearFaults, faultsOf, showFaults } from './faults.js';

const ANSWER_MS = 30_000;

export function enhanceForms(root) {
  for (const form of root.querySelectorAll('form[method="post"]')) {
    const send = senderOf(form);
    form.addEventListener('submit', (event) => {
      // A second click while the first is under way does nothing.
      if (form.dataset.busy) {
        event.preventDefault();
        return;
      }
      if (!send) {
        markBusy(form, true);
        return;
      }
      event.preventDefault();
      void submit(form, send);
    });
  }
  // A page that comes back out of the browser's memory must not have its buttons stuck.
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    for (const form of root.querySelectorAll('form[method="post"]')) markBusy(form, false);
  });
}

async function submit(form, send) {
  clearFaults(form);
  // The API names all faults of a card, so that they come from there; of the other forms it names the first.
  const faults = send === sendPayment ? [] : faultsFoundHere(form);
  if (faults.length > 0) {
    showFaults(form, faults);
    return;
  }
  markBusy(form, true);
  let leaving = false;
  try {
    leaving = await send(form);
  } catch {
    const text = 'We could not be reached. Please check your connection and send it again: it counts once.';
    showFaults(form, [{ field: null, text }]);
  } finally {
    if (!leaving) markBusy(form, false);
  }
}

function markBusy(form, busy) {
  if (busy) form.dataset.busy = 'yes';
  else delete form.dataset.busy;
  for (const note of form.querySelectorAll('[data-busy-note]')) note.hidden = !busy;
  for (const button of form.querySelectorAll('button[type="submit"]')) {
    button.setAttribute('aria-busy', String(busy));
    // Disabled after the browser has collected the form: a disabled button in it would not change what is sent.
    setTimeout(() => {
      button.disabled = 'busy' in form.dataset;
    }, 0);
  }
}

/** How a form is sent, or null where the browser does it best. */
function senderOf(form) {
  if ('book' in form.dataset) return sendBooking;
  switch (form.dataset.kind) {
    case 'pay':
      return sendPayment;
    case 'change':
      return sendChange;
    case 'cancel':
      return sendCancel;
    case 'profile':
      return sendProfile;
    case 'photo':
      return sendPhoto;
    default:
      return null;
  }
}

async function sendBooking(form) {
  // The same form is answered with its first booking, whatever became of the first answer.
  const headers = { 'X-Form-Id': form.dataset.formId };
  const answer = await callApi('POST', '/api/v1/bookings', bookingBody(form), headers);
  if (answer.status === 201) return leaveFor(`/bookings/${answer.body.id}/pay`);
  return refused(form, answer, (path, seat) => (seat ? seatFieldOf(form, seat) : bookingField(path)));
}

async function sendPayment(form) {
  const answer = await callApi('POST', form.dataset.api, plainBody(form));
  // Card data leave the page as soon as they have done their work.
  if (answer.status !== 422)
    for (const name of ['card_number', 'expiry', 'cvc']) form.elements[name].value = '';
  if (answer.status === 200 && answer.body.result === 'APPROVED') return leaveFor(form.dataset.done);
  if (answer.status === 200) {
    const why = answer.body.reason ? ` (${answer.body.reason.replaceAll('_', ' ')})` : '';
    const text = `Your card was declined${why}. Nothing was charged. You can try again, or use another card.`;
    showFaults(form, [{ field: null, text }]);
    return false;
  }
  // Paid already, or being paid, perhaps by this form's first sending, whose answer was lost: the booking tells.
  if (answer.status === 409) return leaveFor(form.dataset.done);
  return refused(form, answer, (path) => path);
}

async function sendChange(form) {
  const { body, ids } = changeBody(form);
  const answer = await callApi('PATCH', form.dataset.api, body, { 'If-Match': form.dataset.etag });
  if (answer.status === 200) return leaveFor(form.dataset.done);
  return refused(form, answer, (path, seat) => (seat ? seatFieldOf(form, seat) : changeField(path, ids)));
}

async function sendCancel(form) {
  const { api, etag, done } = form.dataset;
  const answer = await callApi('DELETE', api, null, { 'If-Match': etag });
  if (answer.status === 200) return leaveFor(done);
  // Cancelled by this form's first sending, whose answer was lost: that is what was wanted.
  const outdated = answer.status === 409 || answer.status === 412;
  if (outdated && (await callApi('GET', api, null)).body.status === 'CANCELLED') return leaveFor(done);
  return refused(form, answer, (path) => path);
}

async function sendProfile(form) {
  const answer = await callApi('PUT', form.dataset.api, plainBody(form));
  if (answer.status === 200) return leaveFor(form.dataset.done);
  return refused(form, answer, (path) => path);
}

async function sendPhoto(form) {
  const body = new FormData();
  body.set('photo', form.elements.photo.files[0]);
  const response = await fetch('/api/v1/profile/photo', {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (response.status === 201) return leaveFor('/profile?saved=1');
  if (response.status === 401) {
    return leaveFor(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  const answer = { status: response.status, body: await bodyOf(response) };
  return refused(form, { ...answer, body: { ...answer.body, field: 'photo' } }, () => 'photo');
}

async function callApi(method, path, body, headers = {}) {
  const response = await fetch(path, {
    method,
    headers: {
      Accept: 'application/json',
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...headers,
    },
    body: body ? JSON.stringify(body) : undefined,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  return { status: response.status, body: await bodyOf(response) };
}

async function bodyOf(response) {
  try {
    return await response.json();
  } catch {
    // Somebody between us and the site answered in a language of its own.
    return {};
  }
}

/** Replaces the page with the form, so that neither reload nor back sends it again. */
function leaveFor(path) {
  location.replace(path);
  return true;
}

function refused(form, { status, body }, fieldNameOf) {
  // The session has ended: posted as a page's form, what was typed comes along through the log-in.
  if (status === 401) {
    form.submit();
    return true;
  }
  showFaults(form, faultsOf(body, fieldNameOf));
  return false;
}

function bookingField(path) {
  const [, index, part] = /^passengers\[(\d)\]\.(\w+)$/.exec(path) ?? [];
  return part ? `passenger_${Number(index) + 1}_${part}` : path;
}

function changeField(path, ids) {
  const [, index, part] = /^passengers\[(\d+)\]\.(\w+)$/.exec(path) ?? [];
  return part ? `passenger_${ids[Number(index)]}_${part}` : path;
}
