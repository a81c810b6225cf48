-- Up Migration

-- A key is one operation's: under another the same text is another key.
ALTER TABLE idempotency_keys ADD COLUMN operation text NOT NULL DEFAULT 'createBooking';
ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey;
ALTER TABLE idempotency_keys ADD PRIMARY KEY (account_id, operation, key);
