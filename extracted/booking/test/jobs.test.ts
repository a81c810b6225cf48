import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ExportBookingsRequest,
  ExportBookingsResponse,
  GetItineraryRequest,
  GetItineraryResponse,
  NotifyPassengersRequest,
  NotifyPassengersResponse,
} from '@banyan/contracts/booking/v1/booking';
import { JobServiceClient, JobState } from '@banyan/contracts/jobs/v1/jobs';
import { createServiceClient } from '@banyan/service-kit/client';
import { RemoteError } from '@banyan/service-kit/errors';
import type { Identity } from '@banyan/service-kit/identity';
import { createMailCatcher } from '@banyan/stack/mail/mail-catcher';
import { until } from '@banyan/stack/testing/until';
import { LONG, startQueues } from './support/queues.ts';
import {
  AGENT,
  as,
  atEnd,
  CUSTOMER,
  openFlight,
  STRANGER,
  startWorld,
  untilServing,
  wanted,
} from './support/world.ts';

const SERVICE = 'booking.v1.BookingService';

test('everybody on a flight gets one mail, also when its job begins anew; exports and itineraries are jobs too', async (t) => {
  const mails = await createMailCatcher({ port: 0, smtpPort: 0 });
  atEnd(t, () => mails.stop());
  const world = await startWorld(t);
  const queues = await startQueues(t, world);
  const replica = await world.startReplica({ ...queues.env, SMTP_URL: `smtp://127.0.0.1:${mails.smtpPort}` });
  await untilServing(replica);
  const client = createServiceClient(JobServiceClient, replica.target, LONG);
  atEnd(t, () => client.close());
  const { api } = client;

  const create = async (name: string, request: { finish(): Uint8Array }, who: Identity): Promise<string> => {
    const job = { method: `${SERVICE}/${name}`, request: request.finish(), origin: Buffer.from('') };
    return (await api.createJob(job, as(who))).job?.id ?? '';
  };
  const resultOf = async (jobId: string, who: Identity): Promise<Buffer[]> => {
    await until(async () => (await api.getJob({ jobId }, as(who))).job?.finishedAt !== undefined, LONG);
    const messages: Buffer[] = [];
    for await (const { part } of api.readJobResult({ jobId }, as(who))) {
      if (part?.$case === 'message') messages.push(Buffer.from(part.value));
    }
    return messages;
  };

  const [flightId, otherFlightId] = [await openFlight(world), await openFlight(world)];
  const book = async (email: string, on = flightId): Promise<bigint> =>
    (await replica.bookings.createBooking(wanted(on, { contact: { email } }), as(CUSTOMER))).booking?.id ??
    0n;
  const held = await book('first@example.org');
  await book('second@example.org');
  const cancelled = await book('cancelled@example.org');
  await book('elsewhere@example.org', otherFlightId);
  await replica.bookings.cancelBooking({ bookingId: cancelled }, as(CUSTOMER));

  const notice = { flightId, subject: 'A new gate', text: 'Gate 12 & no other.\nDoors close earlier.' };
  const notify = (more: Partial<NotifyPassengersRequest> = {}, who = AGENT) =>
    create('NotifyPassengers', NotifyPassengersRequest.encode({ ...notice, ...more }), who);
  assert.equal(await reasonOf(notify({}, CUSTOMER)), 'PERMISSION_DENIED ROLE_FORBIDDEN');
  assert.equal(await reasonOf(notify({ flightId: 9_999_999n })), 'INVALID_ARGUMENT FLIGHT_NOT_FOUND');
  assert.equal(
    await reasonOf(notify({ subject: 'Gate\r\nBcc: x@example.org' })),
    'INVALID_ARGUMENT INVALID_FIELD',
  );
  assert.equal(
    await reasonOf(replica.bookings.notifyPassengers(notice, as(AGENT))),
    'FAILED_PRECONDITION ONLY_AS_JOB',
  );
  const jobId = await notify();
  const counted = (messages: Buffer[]) =>
    messages.map((each) => NotifyPassengersResponse.decode(each).mailCount);
  assert.deepEqual(counted(await resultOf(jobId, AGENT)), [2]);
  const { job } = await api.getJob({ jobId }, as(AGENT));
  assert.deepEqual([job?.state, job?.done, job?.total], [JobState.SUCCEEDED, 2n, 2n]);

  // As after a crash before its end was noted. What the first end says to the outbox must not come behind that.
  const noted = 'SELECT FROM outbox WHERE id = $1 AND delivered_at IS NOT NULL';
  await until(async () => (await world.service.query(noted, [jobId])).rowCount === 1, LONG);
  await world.service.query(`UPDATE jobs SET state = 'QUEUED', finished_at = NULL, expires_at = NULL`);
  await world.service.query('UPDATE outbox SET delivered_at = NULL, next_attempt_at = now() WHERE id = $1', [
    jobId,
  ]);
  assert.deepEqual(counted(await resultOf(jobId, AGENT)), [2]);
  assert.equal((await world.service.query('SELECT 1 FROM jobs WHERE attempt = 2')).rowCount, 1);
  await until(() => mails.mailbox.list().length === 2, LONG);
  const sent = mails.mailbox.list().map(({ to, subject, text }) => ({ to: to.join(), subject, text }));
  assert.deepEqual(sent.map(({ to }) => to).sort(), ['first@example.org', 'second@example.org']);
  for (const { subject, text } of sent) {
    assert.match(subject, /^MA\d+: A new gate$/);
    assert.match(text, /Gate 12 & no other\.\n\nDoors close earlier\./);
  }
  assert.deepEqual(counted(await resultOf(await notify({ subject: 'And a new time' }), AGENT)), [2]);
  await until(() => mails.mailbox.list().length === 4, LONG);

  const all: ExportBookingsRequest = { createdFrom: undefined, createdBefore: undefined };
  const exported = await resultOf(
    await create('ExportBookings', ExportBookingsRequest.encode(all), AGENT),
    AGENT,
  );
  const direct: Buffer[] = [];
  for await (const message of replica.bookings.exportBookings(all, as(AGENT))) {
    direct.push(Buffer.from(ExportBookingsResponse.encode(message).finish()));
  }
  assert.deepEqual(exported, direct);
  const itinerary = () => GetItineraryRequest.encode({ bookingId: held });
  assert.equal(await reasonOf(create('GetItinerary', itinerary(), STRANGER)), 'NOT_FOUND BOOKING_NOT_FOUND');
  const [file] = await resultOf(await create('GetItinerary', itinerary(), CUSTOMER), CUSTOMER);
  assert.match(GetItineraryResponse.decode(file ?? Buffer.of()).content.toString(), /^BEGIN:VCALENDAR/);
});

async function reasonOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no refusal',
    (error) => (error instanceof RemoteError ? `${error.code} ${error.reason}` : String(error)),
  );
}
