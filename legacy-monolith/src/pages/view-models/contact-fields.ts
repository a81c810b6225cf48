import { type Field, type FormState, field } from '../fields.ts';

/** How a booking's people are reached: e-mail, phone, note. `hint` stands below the e-mail. */
export function contactFields(form: FormState, email: { hint?: string } = {}): Field[] {
  return [
    field(form, 'contact_email', 'E-mail', {
      kind: 'email',
      width: 'w6',
      ...email,
      attributes: {
        autocomplete: 'email',
        maxlength: '254',
        // As the server has it: a browser's own idea of an address is narrower.
        pattern: '[^\\s@]+@[^\\s@]+',
        'data-fault': 'Must be an e-mail address.',
      },
    }),
    field(form, 'contact_phone', 'Phone', {
      kind: 'tel',
      width: 'w6',
      optional: true,
      attributes: { autocomplete: 'tel', maxlength: '30' },
    }),
    field(form, 'note', 'Note to us', {
      kind: 'textarea',
      optional: true,
      attributes: { maxlength: '500', rows: '3' },
    }),
  ];
}
