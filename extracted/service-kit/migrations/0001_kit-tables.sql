-- Events that this side has to tell another, written in the transaction that makes them true.
CREATE TABLE outbox (
  id              uuid PRIMARY KEY,
  body            bytea NOT NULL,
  occurred_at     timestamptz(3) NOT NULL,
  delivered_at    timestamptz(3),
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3) NOT NULL,
  last_error      text
);
CREATE INDEX outbox_waiting ON outbox (next_attempt_at) WHERE delivered_at IS NULL;
CREATE INDEX outbox_oldest ON outbox (occurred_at) WHERE delivered_at IS NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;

-- Events of the other side whose effect is in this database.
CREATE TABLE inbox (
  event_id    uuid PRIMARY KEY,
  received_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX inbox_received ON inbox (received_at);

-- One mail per cause, for ever: message_id derives from it.
CREATE TABLE outgoing_mail (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id      text NOT NULL UNIQUE,
  kind            text NOT NULL,
  recipient       text NOT NULL,
  data            jsonb NOT NULL,
  state           text NOT NULL DEFAULT 'QUEUED' CHECK (state IN ('QUEUED', 'SENT', 'GIVEN_UP')),
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3) NOT NULL,
  last_error      text,
  created_at      timestamptz(3) NOT NULL,
  sent_at         timestamptz(3)
);
CREATE INDEX outgoing_mail_queued ON outgoing_mail (next_attempt_at, id) WHERE state = 'QUEUED';
