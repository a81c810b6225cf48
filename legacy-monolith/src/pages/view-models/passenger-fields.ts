import { type Field, type FormState, field } from '../fields.ts';

// What of a passenger may be changed as long as the booking stands.

/** Any case and spaces around: people type as they like, and what is sent is brought to capitals (`inCapitals`). */
const SEAT = '\\s*[1-9][0-9]?[A-Ka-k]\\s*';
const FREQUENT_FLYER = '\\s*[A-Za-z0-9]{5,12}\\s*';

export function seatField(form: FormState, name: string): Field {
  return field(form, name, 'Seat', {
    width: 'w3',
    optional: true,
    attributes: {
      pattern: SEAT,
      maxlength: '5',
      autocomplete: 'off',
      autocapitalize: 'characters',
      title: 'Row and letter, as in 12A',
      'data-fault': 'Must be a row and a column, as in 12A.',
    },
  });
}

export function frequentFlyerField(form: FormState, name: string, width: string): Field {
  return field(form, name, 'Frequent flyer no.', {
    width,
    optional: true,
    attributes: {
      pattern: FREQUENT_FLYER,
      maxlength: '14',
      autocomplete: 'off',
      autocapitalize: 'characters',
      title: '5 to 12 letters and digits',
      'data-fault': 'Must be 5 to 12 letters and digits.',
    },
  });
}

export function assistanceField(form: FormState, name: string, width: string): Field {
  return field(form, name, 'Needs assistance at the airport', { kind: 'check', width, optional: true });
}
