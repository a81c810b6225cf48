-- Up Migration

-- Tells every process which seats of which flight changed, on the channel `seat_claims`, as
-- {"flight_id":"7","seat":"12A","op":"taken"} or "freed".
--
-- Deferred to the commit, where it looks at what became of the seat: within a transaction Postgres folds equal
-- notifications into one, so that a seat freed, taken and freed again would else end as "freed, taken".
-- Whoever loads claims in bulk says SET LOCAL meridian.quiet_seats = 'on': nobody follows a map then.
CREATE FUNCTION notify_seat_claim() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed record;
BEGIN
  FOR changed IN
    SELECT DISTINCT flight_id, seat FROM (VALUES (OLD.flight_id, OLD.seat), (NEW.flight_id, NEW.seat))
      AS side (flight_id, seat)
    WHERE flight_id IS NOT NULL
  LOOP
    PERFORM pg_notify('seat_claims', json_build_object(
      'flight_id', changed.flight_id::text,
      'seat', changed.seat,
      'op', CASE WHEN EXISTS (SELECT FROM seat_claims c
                              WHERE c.flight_id = changed.flight_id AND c.seat = changed.seat)
                 THEN 'taken' ELSE 'freed' END)::text);
  END LOOP;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER seat_claims_notify AFTER INSERT OR UPDATE OF flight_id, seat OR DELETE ON seat_claims
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('meridian.quiet_seats', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION notify_seat_claim();

-- Down Migration

DROP TRIGGER seat_claims_notify ON seat_claims;
DROP FUNCTION notify_seat_claim();
