-- Up Migration

-- Bookings and invoices may each be in another database than this one, so neither can be held to the other here.
ALTER TABLE invoices DROP CONSTRAINT invoices_booking_id_fkey;

-- What the context that is here has to tell the one that is away, written in the transaction that makes it true.
CREATE TABLE seam_outbox (
  id              uuid PRIMARY KEY,
  -- What it is about, for who looks after a queue that does not empty.
  booking_id      bigint NOT NULL,
  -- events.v1.Event
  body            bytea NOT NULL,
  occurred_at     timestamptz(3) NOT NULL,
  delivered_at    timestamptz(3),
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3) NOT NULL,
  last_error      text
);
CREATE INDEX seam_outbox_waiting ON seam_outbox (next_attempt_at) WHERE delivered_at IS NULL;
CREATE INDEX seam_outbox_delivered ON seam_outbox (delivered_at) WHERE delivered_at IS NOT NULL;

-- Events from the other side whose effect is in this database.
CREATE TABLE seam_inbox (
  event_id    uuid PRIMARY KEY,
  received_at timestamptz(3) NOT NULL
);
CREATE INDEX seam_inbox_received ON seam_inbox (received_at);

-- Bookings that ended before the event of their beginning came: their invoice will be void from the start.
CREATE TABLE seam_tombstones (
  booking_id bigint PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('cancelled', 'expired')),
  ended_at   timestamptz(3) NOT NULL
);

-- Payments that were granted a hold, so that one that asks again is given the same answer.
CREATE TABLE seam_consents (
  payment_key     text PRIMARY KEY,
  booking_id      bigint NOT NULL,
  hold_expires_at timestamp(0) NOT NULL,
  granted_at      timestamptz(3) NOT NULL
);
CREATE INDEX seam_consents_granted ON seam_consents (granted_at);

-- Statements that were drawn up elsewhere for a page of this site. A statement never changes.
CREATE TABLE seam_statements (
  id         bigint PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts,
  body       json NOT NULL
);

-- Whom to write to is asked of the booking's owner when the mail is sent, where the booking is not here.
ALTER TABLE outgoing_mail ALTER COLUMN recipient DROP NOT NULL;

-- The transaction that changed a flight last: whoever copies flights asks for what changed since a moment, and
-- neither time nor revision tells that, since transactions end in another order than they begin.
ALTER TABLE flights ADD COLUMN changed_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX flights_by_change ON flights (changed_in, id);
CREATE FUNCTION mark_flight_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_in := pg_current_xact_id();
  RETURN NEW;
END
$$;
-- By its name after flights_count_change, which must not see this as a change.
CREATE TRIGGER flights_mark_change BEFORE UPDATE ON flights
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION mark_flight_change();

-- Down Migration

DROP TRIGGER flights_mark_change ON flights;
DROP FUNCTION mark_flight_change();
ALTER TABLE flights DROP COLUMN changed_in;
DELETE FROM outgoing_mail WHERE recipient IS NULL;
ALTER TABLE outgoing_mail ALTER COLUMN recipient SET NOT NULL;
DROP TABLE seam_statements, seam_consents, seam_tombstones, seam_inbox, seam_outbox;
ALTER TABLE invoices ADD CONSTRAINT invoices_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings;
