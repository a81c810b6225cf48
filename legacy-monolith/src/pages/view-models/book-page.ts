import type { FareClass } from '../../bookings/price.ts';
import type { SeatMapRow } from '../../flights/flight-queries.ts';
import { type Field, type FormState, field } from '../fields.ts';
import { type Cabin, cabinOf } from './cabin.ts';
import { contactFields } from './contact-fields.ts';
import type { FlightHead, Leg, Party } from './flight-parts.ts';
import { fareName } from './flight-parts.ts';
import { assistanceField, frequentFlyerField, seatField } from './passenger-fields.ts';

export type PassengerForm = {
  heading: string;
  infant: boolean;
  /** Names the hidden field that says so. */
  infantName: string;
  /** The field that the seat map fills in; null for infants, who hold no seat. */
  seat: Field | null;
  fields: readonly Field[];
};

export type BookPage = {
  action: string;
  token: string;
  /** What the script says to the API, so that it knows the form again. */
  formId: string;
  message: string | null;
  flight: FlightHead;
  leg: Leg;
  fareClass: FareClass;
  fare: string;
  party: Party;
  total: string;
  cabin: Cabin;
  passengers: readonly PassengerForm[];
  contact: readonly Field[];
};

const TITLES = [
  ['', '–'],
  ['MS', 'Ms'],
  ['MRS', 'Mrs'],
  ['MR', 'Mr'],
  ['MX', 'Mx'],
  ['DR', 'Dr'],
] as const;

export function bookPage(parts: {
  token: string;
  formId: string;
  form: FormState;
  flight: FlightHead;
  leg: Leg;
  map: SeatMapRow;
  fareClass: FareClass;
  party: Party;
  total: string;
  byAgent: boolean;
}): BookPage {
  const { form, flight, leg, fareClass, party } = parts;
  const count = party.adults + party.infants;
  return {
    action: `/flights/${flight.id}/book`,
    token: parts.token,
    formId: parts.formId,
    message: form.message,
    flight,
    leg,
    fareClass,
    fare: fareName(fareClass),
    party,
    total: parts.total,
    cabin: cabinOf(parts.map),
    passengers: Array.from({ length: count }, (_, index) =>
      passengerForm(form, index + 1, index >= party.adults),
    ),
    contact: [
      ...contactFields(form, { hint: 'The e-ticket and the receipt go there.' }),
      ...(parts.byAgent
        ? [
            field(form, 'account_id', 'Customer account', {
              width: 'w6',
              optional: true,
              hint: 'The number of the account that the booking is for. Left empty, it is yours.',
              attributes: { inputmode: 'numeric', maxlength: '18' },
            }),
          ]
        : []),
    ],
  };
}

function passengerForm(form: FormState, number: number, infant: boolean): PassengerForm {
  const name = (part: string): string => `passenger_${number}_${part}`;
  const named = { maxlength: '60' };
  return {
    heading: infant ? `Passenger ${number}, infant on lap` : `Passenger ${number}`,
    infant,
    infantName: name('infant'),
    seat: infant ? null : seatField(form, name('seat')),
    fields: [
      field(form, name('title'), 'Title', { kind: 'select', width: 'w2', optional: true, options: TITLES }),
      field(form, name('first_name'), 'First name', { width: 'w5', attributes: named }),
      field(form, name('last_name'), 'Last name', { width: 'w5', attributes: named }),
      frequentFlyerField(form, name('frequent_flyer_no'), infant ? 'w6' : 'w4'),
      assistanceField(form, name('special_assistance'), infant ? 'w6' : 'w5'),
    ],
  };
}

/** The form's name for a field of the domain; null for what the form does not ask. */
export function bookFieldName(path: string): string | null {
  const [, index, part] = /^passengers\[(\d)\]\.(\w+)$/.exec(path) ?? [];
  if (index !== undefined && part !== undefined) return `passenger_${Number(index) + 1}_${part}`;
  return ['contact_email', 'contact_phone', 'note', 'account_id'].includes(path) ? path : null;
}
