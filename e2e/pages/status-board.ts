import type { Page } from '@playwright/test';

/** The board that follows a flight. */
export function createStatusBoard(page: Page) {
  const board = page.locator('[data-status-board]');
  return {
    status: board.locator('[data-board="status"]'),
    gate: board.locator('[data-board="gate"]'),
    departs: board.locator('[data-board="departs_at"]'),
    live: board.locator('[data-live-note]'),
  };
}
