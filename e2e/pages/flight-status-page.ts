import type { Page } from '@playwright/test';
import { createStatusBoard } from './status-board.ts';

/** `/status/{flightId}`. */
export function createFlightStatusPage(page: Page) {
  return {
    ...createStatusBoard(page),
    open: (flight: { id: number }) => page.goto(`/status/${flight.id}`),
  };
}
