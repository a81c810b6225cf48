-- Up Migration

-- Keys of requests to book that were carried out, with what was answered. Written in the booking's transaction.
CREATE TABLE idempotency_keys (
  -- Who asked; an agent's booking may be another account's.
  account_id   bigint NOT NULL,
  key          text NOT NULL,
  request_hash bytea NOT NULL,
  booking_id   bigint NOT NULL,
  answer       bytea NOT NULL,
  created_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_by_creation ON idempotency_keys (created_at);

-- Payments that were given their consent: asked again, they get the same answer.
CREATE TABLE begun_payments (
  booking_id      bigint NOT NULL,
  payment_key     text NOT NULL,
  hold_expires_at timestamptz(0) NOT NULL,
  begun_at        timestamptz(3) NOT NULL,
  PRIMARY KEY (booking_id, payment_key)
);
CREATE INDEX begun_payments_by_time ON begun_payments (begun_at);

-- How far the copies of the directory are. A copy may be read once it was whole.
CREATE TABLE copies (
  name         text PRIMARY KEY CHECK (name IN ('flights', 'accounts')),
  cursor       text NOT NULL,
  is_whole     boolean NOT NULL,
  refreshed_at timestamptz(3) NOT NULL
);

-- Tells every process which seats of which flight changed, on the channel `seat_claims`, as
-- {"flight_id":"7","seat":"12A","op":"taken"} or "freed".
--
-- Deferred to the commit, where it looks at what became of the seat: within a transaction Postgres folds equal
-- notifications into one, so that a seat freed, taken and freed again would else end as "freed, taken".
-- Whoever copies the aggregate tells nobody: nobody watches seats that are nobody's.
CREATE FUNCTION notify_seat_claim() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed record;
  claimed boolean;
BEGIN
  FOR changed IN
    SELECT DISTINCT flight_id, seat FROM (VALUES (OLD.flight_id, OLD.seat), (NEW.flight_id, NEW.seat))
      AS side (flight_id, seat)
    WHERE flight_id IS NOT NULL
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.seat_claims c WHERE c.flight_id = $1 AND c.seat = $2)',
                   TG_TABLE_SCHEMA)
      INTO claimed USING changed.flight_id, changed.seat;
    PERFORM pg_notify('seat_claims', json_build_object(
      'flight_id', changed.flight_id::text,
      'seat', changed.seat,
      'op', CASE WHEN claimed THEN 'taken' ELSE 'freed' END)::text);
  END LOOP;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER seat_claims_notify AFTER INSERT OR UPDATE OF flight_id, seat OR DELETE ON seat_claims
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (coalesce(current_setting('banyan.copy', true), '') = '')
  EXECUTE FUNCTION notify_seat_claim();
