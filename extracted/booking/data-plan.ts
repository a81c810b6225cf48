import type { DataPlan } from '@banyan/gateway/carve-out';

/** The monolith's decimal amount as the smallest unit. */
const minor = (column: string): string => `(${column} * 100)::bigint`;
/** The other way; exact, since numeric division by 100 is. */
const decimal = (column: string): string => `(${column} / 100.0)::numeric(12, 2)`;

/** The monolith writes UTC wall clock without a zone. */
const instant = (column: string): string => `${column} AT TIME ZONE 'UTC'`;

/**
 * What the service reads beside its own rows, over the monolith's tables and in the shape of its copies: views of
 * the shared storage.
 */
export const bookingCopyViews: Readonly<Record<string, string>> = {
  flights: `
    SELECT f.id, f.number, f.origin, o.name AS origin_name, f.destination, d.name AS destination_name,
           o.city AS origin_place, d.city AS destination_place, o.latitude AS origin_latitude,
           o.longitude AS origin_longitude, d.latitude AS destination_latitude,
           d.longitude AS destination_longitude, ${instant('f.departs_at')} AS departs_at,
           ${instant('f.arrives_at')} AS arrives_at, f.aircraft, t.name AS aircraft_name, t.rows AS cabin_rows,
           t.columns AS cabin_columns, f.status, f.gate, ${minor('f.base_fare')} AS base_fare_minor, f.currency,
           f.revision, ${instant('f.updated_at')} AS updated_at, statement_timestamp() AS refreshed_at
    FROM flights f
    JOIN airports o ON o.code = f.origin
    JOIN airports d ON d.code = f.destination
    JOIN aircraft_types t ON t.code = f.aircraft`,
  accounts: 'SELECT id, name, email, role, statement_timestamp() AS refreshed_at FROM accounts',
};

/** How booking's rows look on either side. */
export const bookingDataPlan: DataPlan = {
  aggregate: 'booking',
  schema: 'booking',
  sharedViews: bookingCopyViews,
  // Nobody follows a seat map while its seats move.
  monolithSettings: { 'meridian.quiet_seats': 'on' },
  tables: [
    {
      table: 'bookings',
      key: ['id'],
      columns: [
        ...[
          'id',
          'account_id',
          'flight_id',
          'fare_class',
          'status',
          'contact_email',
          'contact_phone',
          'note',
        ],
        ...[
          'base_minor',
          'tax_minor',
          'total_minor',
          'currency',
          'hold_expires_at',
          'created_at',
          'updated_at',
        ],
        'version',
      ],
      fromMonolith: `
        SELECT id, account_id, flight_id, fare_class, status, contact_email, contact_phone, note,
               ${minor('base_amount')} AS base_minor, ${minor('tax_amount')} AS tax_minor,
               ${minor('total_amount')} AS total_minor, currency, ${instant('hold_expires_at')} AS hold_expires_at,
               ${instant('created_at')} AS created_at, ${instant('updated_at')} AS updated_at, version
        FROM bookings`,
      toMonolith: `
        SELECT id, account_id, flight_id, fare_class, status, contact_email, contact_phone, note,
               ${decimal('base_minor')} AS base_amount, ${decimal('tax_minor')} AS tax_amount,
               ${decimal('total_minor')} AS total_amount, currency, ${instant('hold_expires_at')} AS hold_expires_at,
               ${instant('created_at')} AS created_at, ${instant('updated_at')} AS updated_at, version
        FROM bookings`,
      sequence: 'bookings_id_seq',
    },
    {
      table: 'passengers',
      key: ['id'],
      columns: [
        ...['id', 'booking_id', 'position', 'title', 'first_name', 'last_name', 'infant'],
        ...['special_assistance', 'frequent_flyer_number'],
      ],
      fromMonolith: `
        SELECT id, booking_id, position, title, first_name, last_name, infant = 'Y' AS infant,
               special_assistance = 'Y' AS special_assistance, frequent_flyer_no AS frequent_flyer_number
        FROM passengers`,
      toMonolith: `
        SELECT id, booking_id, position, title, first_name, last_name,
               CASE WHEN infant THEN 'Y' ELSE 'N' END::char(1) AS infant,
               CASE WHEN special_assistance THEN 'Y' ELSE 'N' END::char(1) AS special_assistance,
               frequent_flyer_number AS frequent_flyer_no
        FROM passengers`,
      sequence: 'passengers_id_seq',
    },
    {
      table: 'seat_claims',
      key: ['flight_id', 'seat'],
      columns: ['flight_id', 'seat', 'booking_id', 'passenger_id'],
      fromMonolith: 'SELECT flight_id, seat, booking_id, passenger_id FROM seat_claims',
      toMonolith: 'SELECT flight_id, seat, booking_id, passenger_id FROM seat_claims',
    },
    {
      // Payments that were given their consent: whoever owns bookings waits for the news of their money.
      table: 'begun_payments',
      monolithTable: 'seam_consents',
      key: ['booking_id', 'payment_key'],
      monolithKey: ['payment_key'],
      columns: ['booking_id', 'payment_key', 'hold_expires_at', 'begun_at'],
      fromMonolith: `
        SELECT booking_id, payment_key, ${instant('hold_expires_at')} AS hold_expires_at, granted_at AS begun_at
        FROM seam_consents`,
      toMonolith: `
        SELECT booking_id, payment_key, ${instant('hold_expires_at')} AS hold_expires_at, begun_at AS granted_at
        FROM begun_payments`,
    },
  ],
};
