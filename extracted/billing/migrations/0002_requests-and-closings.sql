-- Up Migration

-- Keys that clients sent with a write, written in the transaction of the change. A refused or failed write leaves
-- none, so that it may be tried again under its key.
CREATE TABLE request_keys (
  account_id   bigint NOT NULL,
  operation    text NOT NULL CHECK (operation IN ('PayInvoice', 'RefundPayment')),
  key          text NOT NULL,
  -- A keyed digest: it covers a card, of which nothing must be found out from here.
  request_hash bytea NOT NULL,
  -- The payment or refund that was made.
  made_id      bigint NOT NULL,
  -- What was answered; null until then.
  answer       bytea,
  created_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, operation, key)
);
CREATE INDEX request_keys_by_made ON request_keys (operation, made_id);
CREATE INDEX request_keys_by_creation ON request_keys (created_at);

-- Bookings that ended before their invoice was here: events come in any order. The invoice is void on arrival.
CREATE TABLE early_closings (
  booking_id bigint PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('cancelled', 'expired')),
  closed_at  timestamptz(3) NOT NULL
);

-- When a copy of what is another's was last brought up to date.
CREATE TABLE copies (
  name         text PRIMARY KEY,
  refreshed_at timestamptz(3) NOT NULL,
  -- All of it was read, not only what is new.
  whole_at     timestamptz(3) NOT NULL
);
