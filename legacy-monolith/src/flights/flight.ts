import { type RawInteger, rawInteger } from '../http/json.ts';

export type FlightRow = {
  id: string;
  number: string;
  origin: string;
  destination: string;
  departs_at: string;
  arrives_at: string;
  aircraft: string;
  status: string;
  gate: string | null;
  base_fare: string;
  currency: string;
};

export const FLIGHT_COLUMNS =
  'id, number, origin, destination, departs_at, arrives_at, aircraft, status, gate, base_fare, currency';

/** A flight as the contract shows it; the order of the keys is part of it. */
export function toFlight(row: FlightRow): { id: RawInteger } & Record<string, unknown> {
  return {
    id: rawInteger(row.id),
    number: row.number,
    from: row.origin,
    to: row.destination,
    departs_at: row.departs_at,
    arrives_at: row.arrives_at,
    aircraft: row.aircraft,
    status: row.status,
    gate: row.gate,
    base_fare: row.base_fare,
    currency: row.currency,
  };
}
