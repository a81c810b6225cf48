import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NO_SUCH_ID, newBooking, newFlight, PASSENGER, wallClock } from '../fixtures.ts';
import type { World } from '../world.ts';

export function flightsSuite(world: () => World): void {
  /** Three flights of one route on one day. */
  const route = async () => {
    const { api } = world();
    const ids = [await newFlight(world(), { hoursAhead: 900 })];
    ids.push(
      await newFlight(world(), { hoursAhead: 901, status: 'CANCELLED' }),
      await newFlight(world(), { hoursAhead: 902 }),
    );
    const flight = (await api.expect('getFlight', 200, { path: { id: ids[0] as number } })).body;
    return {
      flight,
      query: { from: flight.from, to: flight.to, date: flight.departs_at.slice(0, 10) },
    };
  };

  it('lists the flights of a day in pages, for anybody', async () => {
    const { api, callers } = world();
    const { flight, query } = await route();
    const all = await api.expect('searchFlights', 200, { query });
    assert.ok(all.body.length >= 3);
    assert.ok(all.body.some(({ id }) => id === flight.id));
    assert.ok(all.body.some(({ status }) => status === 'CANCELLED'));
    const departures = all.body.map(({ departs_at }) => departs_at);
    assert.deepEqual(departures, departures.toSorted());

    const second = await api.expect('searchFlights', 200, {
      as: callers.alice,
      query: { ...query, page: 2, per_page: 1 },
    });
    const known = `/api/v1/flights?from=${query.from}&to=${query.to}&date=${query.date}`;
    const link = (page: number, rel: string) => `<${known}&page=${page}&per_page=1>; rel="${rel}"`;
    assert.equal(
      second.header('Link'),
      [link(1, 'first'), link(1, 'prev'), link(3, 'next'), link(all.body.length, 'last')].join(', '),
    );
    assert.deepEqual(second.body, [all.body[1]]);
    const etag = second.header('ETag') ?? '';
    await api.expect('searchFlights', 304, {
      as: callers.alice,
      query: { ...query, page: 2, per_page: 1 },
      headers: { 'If-None-Match': etag },
    });
  });

  it('takes codes in any case, and knows nothing of unknown ones', async () => {
    const { api } = world();
    const { query } = await route();
    const lower = { ...query, from: query.from.toLowerCase(), to: query.to.toLowerCase() };
    const found = await api.expect('searchFlights', 200, { query: lower });
    assert.ok(found.body.length >= 3);
    const none = await api.expect('searchFlights', 200, { query: { ...query, from: 'ZZZ' } });
    assert.deepEqual([none.text, none.header('Link')], ['[]', undefined]);
    await api.expect('searchFlights', 304, { query: lower, headers: { 'If-None-Match': '*' } });
  });

  it('names the first field that is missing or makes no sense', async () => {
    const { api } = world();
    const good = { from: 'LHR', to: 'JFK', date: '2026-11-23' };
    const cases: [string, object][] = [
      ['from', {}],
      ['from', { ...good, from: '' }],
      ['from', { ...good, from: 'LOND', date: 'x' }],
      ['to', { ...good, to: '12' }],
      ['date', { ...good, date: '2026-02-30' }],
      ['date', { ...good, date: '23.11.2026' }],
    ];
    for (const [field, query] of cases) {
      assert.equal((await api.expect('searchFlights', 422, { query })).body.field, field);
    }
  });

  it('shows one flight, and 404 for ids that are none', async () => {
    const { api, callers } = world();
    const id = await newFlight(world());
    const { header, text } = await api.expect('getFlight', 200, { as: callers.bob, path: { id } });
    assert.match(text, /"base_fare":"412\.50","currency":"EUR"}$/);
    await api.expect('getFlight', 304, { path: { id }, headers: { 'If-None-Match': header('ETag') ?? '' } });
    for (const none of [NO_SUCH_ID, 0, -1, 'abc', '1.0', '1'.repeat(19), '%20', '1%00']) {
      await api.expect('getFlight', 404, { path: { id: none } });
    }
    await api.expect('getFlight', 404, { as: callers.bob, path: { id: NO_SUCH_ID } });
  });

  it('shows taken seats by row, then column, to those who are logged in', async () => {
    const { api, callers } = world();
    const id = await newFlight(world());
    const passengers = ['12B', '2A', '12A'].map((seat) => ({ ...PASSENGER, seat }));
    await newBooking(world(), callers.alice, id, { passengers });
    for (const as of [callers.bob, callers.accountant, callers.partner]) {
      const { body } = await api.expect('getSeatMap', 200, { as, path: { id } });
      assert.deepEqual(body.taken, ['2A', '12A', '12B']);
    }
    await api.expect('getSeatMap', 304, { as: callers.bob, path: { id }, headers: { 'If-None-Match': '*' } });
    await api.expect('getSeatMap', 401, { path: { id } });
    await api.expect('getSeatMap', 404, { as: callers.bob, path: { id: NO_SUCH_ID } });
  });

  it('streams the status at once, and again when it changes', async () => {
    const { api, callers, sql, now } = world();
    const id = await newFlight(world());
    const events = (text: string) => text.match(/^data: .*\n\n/gm) ?? [];
    const watching = api.expect('streamFlightStatus', 200, {
      as: callers.alice,
      path: { id },
      enough: (text) => {
        if (events(text).length === 1) void changeOnce();
        return events(text).length === 2;
      },
    });
    let changed = false;
    const changeOnce = async () => {
      if (changed) return;
      changed = true;
      await sql(`UPDATE flights SET gate = 'C7', status = 'DELAYED', updated_at = $2 WHERE id = $1`, [
        id,
        wallClock(new Date(now().getTime() + 1000)),
      ]);
    };
    const { text } = await watching;
    assert.match(events(text)[1] ?? '', /"status":"DELAYED","gate":"C7"/);
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, each]) => Number(each));
    assert.ok((ids[1] as number) > (ids[0] as number), 'the id grows');

    const again = await api.expect('streamFlightStatus', 200, {
      path: { id },
      headers: { 'Last-Event-ID': String(ids[0]) },
      enough: (each) => events(each).length === 1,
    });
    assert.match(again.text, /"gate":"C7"/);
    const upToDate = await api.expect('streamFlightStatus', 200, {
      path: { id },
      headers: { 'Last-Event-ID': String(ids[1]) },
      enough: (each) => each.endsWith('\n\n'),
    });
    assert.equal(events(upToDate.text).length, 0);
    await api.expect('streamFlightStatus', 404, { path: { id: NO_SUCH_ID } });
  });
}
