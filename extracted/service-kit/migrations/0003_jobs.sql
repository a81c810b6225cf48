-- Calls that are answered later. The row is the truth of a job: what a queue says of it may be old, or be said twice.
CREATE TABLE jobs (
  id              uuid PRIMARY KEY,
  account_id      bigint NOT NULL,
  -- The rest of its caller's identity, as it was verified when the job was created.
  caller          jsonb NOT NULL,
  method          text NOT NULL,
  request         bytea NOT NULL,
  origin          bytea NOT NULL,
  idempotency_key text,
  request_hash    bytea NOT NULL,
  state           text NOT NULL DEFAULT 'QUEUED'
                  CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  done            bigint NOT NULL DEFAULT 0,
  total           bigint NOT NULL DEFAULT 0,
  -- Grows with each beginning. Whoever runs it writes under the number it began with, and nothing under an older one.
  attempt         integer NOT NULL DEFAULT 0,
  -- Attempts that ended in an error that nobody expected, and that nobody ended.
  failures        integer NOT NULL DEFAULT 0,
  crashes         integer NOT NULL DEFAULT 0,
  -- Until then whoever runs it has it alone.
  lease_until     timestamptz(3),
  cancel_asked_at timestamptz(3),
  messages        integer NOT NULL DEFAULT 0,
  result_bytes    bigint NOT NULL DEFAULT 0,
  -- The google.rpc.Status that the method ended with, where that is not OK.
  refusal         bytea,
  created_at      timestamptz(3) NOT NULL DEFAULT now(),
  started_at      timestamptz(3),
  finished_at     timestamptz(3),
  expires_at      timestamptz(3),
  -- Since when request, origin and result are no longer here.
  emptied_at      timestamptz(3),
  CHECK ((state = 'RUNNING') = (lease_until IS NOT NULL)),
  CHECK ((state IN ('QUEUED', 'RUNNING')) = (finished_at IS NULL)),
  CHECK ((finished_at IS NULL) = (expires_at IS NULL))
);
CREATE INDEX jobs_unfinished ON jobs (account_id, created_at) WHERE finished_at IS NULL;
CREATE INDEX jobs_kept ON jobs (account_id) WHERE finished_at IS NOT NULL AND emptied_at IS NULL;
CREATE INDEX jobs_expiring ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX jobs_by_key ON jobs (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- What a method answered, message by message.
CREATE TABLE job_results (
  job_id   uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  position integer NOT NULL,
  message  bytea NOT NULL,
  PRIMARY KEY (job_id, position)
);
-- Messages are mostly small or packed already.
ALTER TABLE job_results ALTER COLUMN message SET STORAGE EXTERNAL;

CREATE FUNCTION tell_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('jobs_changed', NEW.id::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER job_told AFTER UPDATE OF state, done, total ON jobs FOR EACH ROW
  WHEN ((OLD.state, OLD.done, OLD.total) IS DISTINCT FROM (NEW.state, NEW.done, NEW.total))
  EXECUTE FUNCTION tell_of_job();
