-- Who may write which aggregate, in the database that holds it. Applied to both sides, again at every set-up.

CREATE SCHEMA IF NOT EXISTS banyan;

-- Which side this database is. One row.
CREATE TABLE IF NOT EXISTS banyan.side (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  name     text NOT NULL CHECK (name IN ('monolith', 'service'))
);

-- A term of ownership has a number, the epoch, and the next term the next number. While a copy holds the aggregate
-- it is nobody's, and only a session that knows the copy's id may write it.
CREATE TABLE IF NOT EXISTS banyan.own (
  aggregate text PRIMARY KEY,
  owner     text NOT NULL CHECK (owner IN ('monolith', 'service', 'nobody')),
  epoch     bigint NOT NULL CHECK (epoch > 0),
  copy_id   uuid,
  CHECK ((owner = 'nobody') = (copy_id IS NOT NULL))
);

-- Every copy that ever held this database: what it was about, for whoever comes after one that died.
CREATE TABLE IF NOT EXISTS banyan.copy (
  copy_id    uuid PRIMARY KEY,
  aggregate  text NOT NULL,
  source     text NOT NULL CHECK (source IN ('monolith', 'service')),
  target     text NOT NULL CHECK (target IN ('monolith', 'service') AND target <> source),
  -- Of the term that the copy found.
  epoch      bigint NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at   timestamptz,
  outcome    text CHECK (outcome IN ('moved', 'put back'))
);

-- How far the copy is that holds this database as its target. A batch and its row here are one transaction.
CREATE TABLE IF NOT EXISTS banyan.copy_progress (
  copy_id    uuid NOT NULL REFERENCES banyan.copy,
  -- A step, and for the rows of a table `rows of <table>`.
  part       text NOT NULL,
  last_key   text[],
  rows       bigint NOT NULL DEFAULT 0,
  batches    bigint NOT NULL DEFAULT 0,
  done       boolean NOT NULL DEFAULT false,
  PRIMARY KEY (copy_id, part)
);

-- Foreign keys of the monolith that cannot hold while one of their two ends is with a service.
CREATE TABLE IF NOT EXISTS banyan.severed (
  table_name      text NOT NULL,
  constraint_name text NOT NULL,
  refers_to       text NOT NULL,
  definition      text NOT NULL,
  PRIMARY KEY (table_name, constraint_name)
);

-- Refuses a statement on a table of an aggregate that is not this side's.
--
-- The advisory lock comes first and is fair: who changes the owner takes it exclusively, and writers that come later
-- queue behind that. Row locks alone would let overlapping writers keep the change out for ever.
--
-- At READ COMMITTED each query of this function then sees what was committed before the lock was had. A transaction
-- with an older snapshot sees the owner of then; FOR SHARE makes Postgres refuse it (40001) when that has changed.
--
-- SECURITY DEFINER, since FOR SHARE wants more of the application's role than it needs to have.
CREATE OR REPLACE FUNCTION banyan.fence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  own  record;
  here text;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('banyan.own:' || TG_ARGV[0]));
  IF current_setting('transaction_isolation') IN ('read committed', 'read uncommitted') THEN
    SELECT o.owner, o.copy_id INTO own FROM banyan.own o WHERE o.aggregate = TG_ARGV[0];
  ELSE
    SELECT o.owner, o.copy_id INTO own FROM banyan.own o WHERE o.aggregate = TG_ARGV[0] FOR SHARE;
  END IF;
  SELECT s.name INTO here FROM banyan.side s;
  IF own.owner = here OR own.copy_id::text = current_setting('banyan.copy', true) THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'banyan: % is owned by %, not by this database (%)',
    TG_ARGV[0], coalesce(own.owner, 'nobody known'), coalesce(here, 'of no side')
    USING ERRCODE = 'BNY01';
END
$$;

-- Which tables are fenced, for which aggregate. `enabled` as in pg_trigger: A also under replication's role.
CREATE OR REPLACE VIEW banyan.fenced AS
  SELECT t.tgrelid AS table_id,
         split_part(encode(t.tgargs, 'escape'), '\000', 1) AS aggregate,
         t.tgenabled AS enabled
    FROM pg_trigger t
   WHERE t.tgfoid = 'banyan.fence'::regproc AND t.tgname = 'banyan_fence';

-- Whoever mirrors ownership listens on `banyan_own`; the payload is the aggregate.
CREATE OR REPLACE FUNCTION banyan.tell_own() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify('banyan_own', NEW.aggregate);
  RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER banyan_tell AFTER INSERT OR UPDATE ON banyan.own
  FOR EACH ROW EXECUTE FUNCTION banyan.tell_own();
