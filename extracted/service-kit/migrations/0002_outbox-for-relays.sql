-- What a relay needs of the outbox. Whoever does not know these columns reads and writes it as before.
ALTER TABLE outbox
  -- The case of the event's body, so that a full queue holds up its own events alone. Null: look into the body.
  ADD COLUMN type         text,
  -- What `body` is an event of.
  ADD COLUMN schema       text NOT NULL DEFAULT 'events.v1',
  -- W3C traceparent of the call that wrote it.
  ADD COLUMN trace_parent text,
  -- When it was last given to its queue.
  ADD COLUMN handed_at    timestamptz(3),
  -- Since when it is a dead letter of its consumer, which then says why in last_error.
  ADD COLUMN dead_at      timestamptz(3);

CREATE FUNCTION tell_of_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox_written', TG_TABLE_NAME);
  RETURN NULL;
END
$$;
CREATE TRIGGER outbox_told AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION tell_of_outbox();
