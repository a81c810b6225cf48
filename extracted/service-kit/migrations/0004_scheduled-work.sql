-- Work that is to be done again and again, by one of the replicas each time.
CREATE TABLE scheduled_work (
  name        text PRIMARY KEY,
  next_at     timestamptz(3) NOT NULL,
  -- Whoever has it in hand renews this, or has died.
  taken_until timestamptz(3),
  taken_by    uuid,
  -- When it last ended well.
  last_run_at timestamptz(3),
  -- Why it did not, since then.
  last_error  text,
  failures    integer NOT NULL DEFAULT 0
);
