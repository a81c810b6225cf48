// Shows what is wrong beside the fields, as the pages of the server do.

/** Forgets all faults shown in a form. */
export function clearFaults(form) {
  for (const place of form.querySelectorAll('[data-error-for]')) place.textContent = '';
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
  say(messageOf(form), '');
}

/** `faults` is a list of `{ field, text }`, field null where none is to blame. The first one gets the focus. */
export function showFaults(form, faults) {
  const rest = [];
  for (const { field, text } of faults) {
    const place = field && form.querySelector(`[data-error-for="${CSS.escape(field)}"]`);
    if (!place) {
      rest.push(text);
      continue;
    }
    // The first thing said of a field is the most precise.
    place.textContent ||= text;
    for (const input of form.querySelectorAll(`[name="${CSS.escape(field)}"]:not([type="hidden"])`)) {
      input.setAttribute('aria-invalid', 'true');
    }
  }
  const message = messageOf(form);
  say(message, rest.join(' '));
  const first = form.querySelector('[aria-invalid="true"]');
  if (first) first.focus();
  else if (rest.length > 0) message?.scrollIntoView({ block: 'center' });
}

/** The form's own place for messages, or the one above it. */
function messageOf(form) {
  return form.querySelector('[data-form-message]') ?? document.querySelector('[data-form-message]');
}

function say(place, text) {
  if (!place) return;
  place.hidden = text === '';
  place.querySelector('p').textContent = text;
}

/** The faults of an answer of the API: each family of operations says them in its own way. */
export function faultsOf(answer, fieldNameOf) {
  if (Array.isArray(answer.errors)) {
    return answer.errors.map(({ field, msg }) => ({ field, text: msg }));
  }
  const message = answer.message ?? 'That did not work. Please try again.';
  const path = answer.field ?? /^(passengers\[\d+\]\.\w+|[a-z]+_[a-z_]+)[ :]/.exec(message)?.[1];
  const seat = /^Seat (\w+) is taken\.$/.exec(message)?.[1];
  if (seat) return [{ field: fieldNameOf(null, seat), text: `${message} Please choose another.` }];
  if (!path) return [{ field: null, text: message }];
  return [{ field: fieldNameOf(path, null), text: withoutPath(path, message) }];
}

function withoutPath(path, message) {
  if (message === `${path} is required`) return 'Please fill this in.';
  const bare = message.startsWith(path) ? message.slice(path.length).replace(/^:?\s+/, '') : message;
  const sentence = bare.charAt(0).toUpperCase() + bare.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
