/** What the fleet's clients ask for, as `contract.yaml` has it. */
export type FleetOperation = {
  readonly operationId: string;
  readonly method: 'GET' | 'POST';
  /** With `{id}` for the record that is asked for. */
  readonly path: string;
  /** Undefined: stays with the monolith. */
  readonly carveOut: 'flights' | 'hotels' | undefined;
  readonly kind: 'read' | 'write';
};

export const CARVE_OUTS = ['flights', 'hotels'] as const;

export const OPERATIONS: readonly FleetOperation[] = [
  { operationId: 'getFlight', method: 'GET', path: '/flights/{id}', carveOut: 'flights', kind: 'read' },
  { operationId: 'getSeats', method: 'GET', path: '/flights/{id}/seats', carveOut: 'flights', kind: 'read' },
  {
    operationId: 'exportStops',
    method: 'GET',
    path: '/flights/{id}/stops.csv',
    carveOut: 'flights',
    kind: 'read',
  },
  {
    operationId: 'renameFlight',
    method: 'POST',
    path: '/flights/{id}/name',
    carveOut: 'flights',
    kind: 'write',
  },
  { operationId: 'getHotel', method: 'GET', path: '/hotels/{id}', carveOut: 'hotels', kind: 'read' },
  { operationId: 'getRooms', method: 'GET', path: '/hotels/{id}/rooms', carveOut: 'hotels', kind: 'read' },
  {
    operationId: 'exportNights',
    method: 'GET',
    path: '/hotels/{id}/nights.csv',
    carveOut: 'hotels',
    kind: 'read',
  },
  {
    operationId: 'renameHotel',
    method: 'POST',
    path: '/hotels/{id}/name',
    carveOut: 'hotels',
    kind: 'write',
  },
  { operationId: 'getNews', method: 'GET', path: '/news/{id}', carveOut: undefined, kind: 'read' },
];

export const READS = OPERATIONS.filter(({ kind, carveOut }) => kind === 'read' && carveOut !== undefined);
