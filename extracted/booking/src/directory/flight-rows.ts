import type { Queryable } from '@banyan/service-kit/database';
import type { Flight } from '../domain/flight.ts';

/**
 * Writes flights into the copy where they are newer than what it has. In the order of their ids, so that two who
 * write at once never wait for each other in a circle.
 */
export async function writeFlights(db: Queryable, flights: readonly Flight[], now: Date): Promise<void> {
  if (flights.length === 0) return;
  const rows = flights.map((flight) => ({
    id: String(flight.id),
    number: flight.number,
    origin: flight.origin.code,
    origin_name: flight.origin.name,
    origin_place: flight.origin.city,
    origin_latitude: flight.origin.latitude,
    origin_longitude: flight.origin.longitude,
    destination: flight.destination.code,
    destination_name: flight.destination.name,
    destination_place: flight.destination.city,
    destination_latitude: flight.destination.latitude,
    destination_longitude: flight.destination.longitude,
    departs_at: flight.departsAt.toISOString(),
    arrives_at: flight.arrivesAt.toISOString(),
    aircraft: flight.aircraft,
    aircraft_name: flight.aircraftName,
    cabin_rows: flight.cabin.rows,
    cabin_columns: flight.cabin.columns,
    status: flight.status,
    gate: flight.gate,
    base_fare_minor: String(flight.baseFareMinor),
    currency: flight.currency,
    revision: flight.revision,
    updated_at: flight.updatedAt.toISOString(),
    refreshed_at: now.toISOString(),
  }));
  await db.query(WRITE, [JSON.stringify(rows)]);
}

const COLUMNS = [
  ...['number', 'origin', 'origin_name', 'origin_place', 'origin_latitude', 'origin_longitude'],
  ...[
    'destination',
    'destination_name',
    'destination_place',
    'destination_latitude',
    'destination_longitude',
  ],
  ...[
    'departs_at',
    'arrives_at',
    'aircraft',
    'aircraft_name',
    'cabin_rows',
    'cabin_columns',
    'status',
    'gate',
  ],
  ...['base_fare_minor', 'currency', 'revision', 'updated_at', 'refreshed_at'],
];

const WRITE = `
  INSERT INTO flights (id, ${COLUMNS.join(', ')})
  SELECT id, ${COLUMNS.join(', ')} FROM json_populate_recordset(NULL::flights, $1::json) ORDER BY id
  ON CONFLICT (id) DO UPDATE SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}
  WHERE flights.revision < excluded.revision`;
