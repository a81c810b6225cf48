export type AircraftType = { code: string; name: string; rows: number; columns: string; rangeKm: number };

/** Of aircraft with two aisles the letters are those of the usual layouts: I is never used. */
export const AIRCRAFT_TYPES: readonly AircraftType[] = [
  { code: 'AT76', name: 'ATR 72-600', rows: 18, columns: 'ABCD', rangeKm: 700 },
  { code: 'E190', name: 'Embraer 190', rows: 26, columns: 'ABCD', rangeKm: 1500 },
  { code: 'A320', name: 'Airbus A320neo', rows: 30, columns: 'ABCDEF', rangeKm: 3500 },
  { code: 'A321', name: 'Airbus A321LR', rows: 36, columns: 'ABCDEF', rangeKm: 5000 },
  { code: 'A339', name: 'Airbus A330-900neo', rows: 38, columns: 'ABCDEFGH', rangeKm: 8500 },
  { code: 'A359', name: 'Airbus A350-900', rows: 36, columns: 'ABCDEFGHJ', rangeKm: 25_000 },
];

/** The smallest type that gets so far; on the busiest short routes the next one up. */
export function aircraftFor(distanceKm: number, busy: boolean): AircraftType {
  const index = AIRCRAFT_TYPES.findIndex(({ rangeKm }) => distanceKm <= rangeKm);
  const chosen = busy && index < AIRCRAFT_TYPES.length - 1 ? index + 1 : index;
  return AIRCRAFT_TYPES[chosen] as AircraftType;
}
