-- Up Migration

-- What a relay needs of the outbox (ADR 0030).
ALTER TABLE seam_outbox
  -- Null where it is about a flight.
  ALTER COLUMN booking_id DROP NOT NULL,
  -- The case of the event's body, so that a full queue holds up its own events alone. Null: look into the body.
  ADD COLUMN type         text,
  -- What `body` is an event of.
  ADD COLUMN schema       text NOT NULL DEFAULT 'events.v1',
  -- W3C traceparent of the request that wrote it.
  ADD COLUMN trace_parent text,
  -- When it was last given to its queue.
  ADD COLUMN handed_at    timestamptz(3),
  -- Since when it is a dead letter of its consumer, which then says why in last_error.
  ADD COLUMN dead_at      timestamptz(3);
CREATE INDEX seam_outbox_oldest ON seam_outbox (occurred_at) WHERE delivered_at IS NULL;

CREATE FUNCTION tell_of_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox_written', TG_TABLE_NAME);
  RETURN NULL;
END
$$;
CREATE TRIGGER seam_outbox_told AFTER INSERT ON seam_outbox
  FOR EACH STATEMENT EXECUTE FUNCTION tell_of_outbox();

-- Operations change flights with SQL of their own, and none of them can forget to tell: so the database writes the
-- event, in the bytes of events.v1.Event.
CREATE FUNCTION wire_varint(value bigint) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  bytes bytea := '';
BEGIN
  WHILE value > 127 LOOP
    bytes := bytes || set_byte('\x00'::bytea, 0, (value & 127)::integer | 128);
    value := value >> 7;
  END LOOP;
  RETURN bytes || set_byte('\x00'::bytea, 0, value::integer);
END
$$;

-- A field that has a length: a text, or a message.
CREATE FUNCTION wire_field(number integer, content bytea) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT wire_varint(number << 3 | 2) || wire_varint(length(content)) || content
$$;

CREATE FUNCTION wire_flight_changed(id uuid, at timestamptz, flight_id bigint, revision integer)
RETURNS bytea LANGUAGE sql STABLE STRICT AS $$
  SELECT wire_field(1, convert_to(id::text, 'UTF8'))
      || wire_field(2, '\x08'::bytea || wire_varint(floor(extract(epoch FROM at))::bigint))
      || wire_field(30, '\x08'::bytea || wire_varint(flight_id) || '\x10'::bytea || wire_varint(revision))
$$;

-- Only while bookings are elsewhere: their copy of the flight is to be refreshed. Whoever may change a flight may tell
-- of it, so it runs with its owner's rights.
CREATE FUNCTION tell_of_flights() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- Where no owners are recorded, all is the monolith's.
  IF to_regclass('banyan.own') IS NULL THEN
    RETURN NULL;
  END IF;
  IF NOT EXISTS (SELECT FROM banyan.own WHERE aggregate = 'booking' AND owner <> 'monolith') THEN
    RETURN NULL;
  END IF;
  INSERT INTO seam_outbox (id, type, body, occurred_at, next_attempt_at)
  SELECT told.id, 'flightChanged', wire_flight_changed(told.id, now(), told.flight_id, told.revision), now(), now()
  FROM (SELECT gen_random_uuid() AS id, a.id AS flight_id, a.revision
        FROM flights_after a JOIN flights_before b USING (id)
        WHERE a.revision <> b.revision) AS told;
  RETURN NULL;
END
$$;
CREATE TRIGGER flights_told AFTER UPDATE ON flights
  REFERENCING OLD TABLE AS flights_before NEW TABLE AS flights_after
  FOR EACH STATEMENT EXECUTE FUNCTION tell_of_flights();

-- Down Migration

DROP TRIGGER flights_told ON flights;
DROP FUNCTION tell_of_flights();
DROP FUNCTION wire_flight_changed(uuid, timestamptz, bigint, integer);
DROP FUNCTION wire_field(integer, bytea);
DROP FUNCTION wire_varint(bigint);
DROP TRIGGER seam_outbox_told ON seam_outbox;
DROP FUNCTION tell_of_outbox();
DROP INDEX seam_outbox_oldest;
DELETE FROM seam_outbox WHERE booking_id IS NULL;
ALTER TABLE seam_outbox
  DROP COLUMN type, DROP COLUMN schema, DROP COLUMN trace_parent, DROP COLUMN handed_at, DROP COLUMN dead_at,
  ALTER COLUMN booking_id SET NOT NULL;
