import type { Response } from 'express';

/** RFC 9457. `detail` is for the person who reads it; scripts go by the status. */
export function sendProblem(response: Response, status: number, title: string, detail: string): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail }));
}
