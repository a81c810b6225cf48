// What a form can tell by itself, all at once; the API names the first fault of a booking only.

/** Faults of fields that are empty or not of their form, by the rules that the server has written beside them. */
export function faultsFoundHere(form) {
  const alone = [...form.elements].flatMap((input) => {
    const text = input.willValidate ? faultOf(input) : null;
    return text ? [{ field: input.name, text }] : [];
  });
  const known = new Set(alone.map(({ field }) => field));
  return [...alone, ...seatFaults(form).filter(({ field }) => !known.has(field))];
}

function faultOf(input) {
  if (input.required && input.value.trim() === '') {
    return input.type === 'file' ? 'Please choose a file.' : 'Please fill this in.';
  }
  return input.validity.patternMismatch ? input.dataset.fault : null;
}

/** Seats that the aircraft has not, and seats asked for twice. */
function seatFaults(form) {
  const seen = new Set();
  return [...form.querySelectorAll('input[name$="_seat"]')].flatMap((input) => {
    const seat = input.value.trim().toUpperCase();
    if (seat === '') return [];
    if (!form.querySelector(`[data-seat="${CSS.escape(seat)}"]`)) {
      return [{ field: input.name, text: `This aircraft has no seat ${seat}.` }];
    }
    if (seen.has(seat)) return [{ field: input.name, text: `Seat ${seat} is given twice.` }];
    seen.add(seat);
    return [];
  });
}

/** Fields that are in capitals are brought to them as soon as they are left. */
export function bringToCapitals(root) {
  for (const input of root.querySelectorAll('input[autocapitalize="characters"]')) {
    input.addEventListener('change', () => {
      input.value = input.value.trim().toUpperCase();
    });
  }
}
