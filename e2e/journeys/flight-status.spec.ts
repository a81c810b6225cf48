import type { Database } from '../kit/database.ts';
import { expect, test } from '../kit/test.ts';

test.describe('anybody', () => {
  test.use({ visitor: 'nobody' });

  test('follows a flight, and sees the board change by itself', async ({ site, flight, database }) => {
    await site.flightStatus.open(flight);
    await expect(site.flightStatus.live).toHaveAttribute('data-live', 'on');
    await expect(site.flightStatus.status).toHaveText('Scheduled');
    await expect(site.flightStatus.gate).toHaveText('–');

    await changeFlight(database, flight.id, { status: 'DELAYED', gate: 'B12', delayMinutes: 45 });
    await expect(site.flightStatus.status).toHaveText('Delayed');
    await expect(site.flightStatus.gate).toHaveText('B12');
    await expect(site.flightStatus.departs).toContainText('10:45');

    await changeFlight(database, flight.id, { status: 'BOARDING', gate: 'C3', delayMinutes: 0 });
    await expect(site.flightStatus.status).toHaveText('Boarding');
    await expect(site.flightStatus.gate).toHaveText('C3');
  });

  test('whose stream drops is connected again, and misses nothing', async ({
    openThroughLine,
    flight,
    database,
  }) => {
    const { site, line } = await openThroughLine('nobody');
    await site.flightStatus.open(flight);
    await expect(site.flightStatus.live).toHaveAttribute('data-live', 'on');
    await line.cut();
    await expect(site.flightStatus.live).toHaveAttribute('data-live', 'retrying');
    await changeFlight(database, flight.id, { status: 'DELAYED', gate: 'A7', delayMinutes: 20 });
    await line.restore();
    await expect(site.flightStatus.gate).toHaveText('A7');
    await expect(site.flightStatus.live).toHaveAttribute('data-live', 'on');
  });
});

test('a booking shows its flight as it moves', async ({ site, flight, api, database }) => {
  const { booking } = await api.createPaidBooking(flight);
  await site.booking.open(booking);
  await expect(site.booking.flightStatus.live).toHaveAttribute('data-live', 'on');
  await changeFlight(database, flight.id, { status: 'BOARDING', gate: 'B4', delayMinutes: 0 });
  await expect(site.booking.flightStatus.status).toHaveText('Boarding');
  await expect(site.booking.flightStatus.gate).toHaveText('B4');
});

/** As airport staff would, in a program of their own. */
async function changeFlight(
  database: Database,
  flightId: number,
  change: { status: string; gate: string; delayMinutes: number },
): Promise<void> {
  await database.row(
    `UPDATE flights SET status = $2, gate = $3, departs_at = departs_at + $4 * interval '1 minute',
                        arrives_at = arrives_at + $4 * interval '1 minute'
     WHERE id = $1 RETURNING id`,
    [flightId, change.status, change.gate, change.delayMinutes],
  );
}
