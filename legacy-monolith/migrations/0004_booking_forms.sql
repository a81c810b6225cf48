-- Up Migration

-- A row is a booking form that was sent, and the booking that it made; both are written in one transaction, so
-- that neither a crash nor a lost answer parts them. The same form sent again finds its booking here. The nightly
-- job deletes rows whose form is too old to come again.
CREATE TABLE booking_forms (
  -- Who sent the form; an agent's booking may be another account's.
  account_id bigint NOT NULL REFERENCES accounts,
  flight_id  bigint NOT NULL,
  form_id    text NOT NULL,
  -- Null only inside the transaction that makes the booking.
  booking_id bigint,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, flight_id, form_id)
);
CREATE INDEX booking_forms_by_creation ON booking_forms (created_at);
