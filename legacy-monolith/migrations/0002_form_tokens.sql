-- Up Migration

-- A row is a form that was sent: the same form sent again finds it, and where the first one led to.
-- Forms that were only looked at leave no row. The nightly job deletes rows that are too old to come again.
CREATE TABLE form_tokens (
  token       text PRIMARY KEY,
  account_id  bigint NOT NULL REFERENCES accounts,
  purpose     text NOT NULL,
  -- Null while the first sending is under way.
  result_path text,
  created_at  timestamptz(3) NOT NULL
);
CREATE INDEX form_tokens_by_creation ON form_tokens (created_at);
