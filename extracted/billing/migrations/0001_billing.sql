-- Up Migration

-- Amounts are in the currency's smallest unit. Ids allotted here are even; the monolith's are odd.

CREATE SEQUENCE invoices_id_seq AS bigint START 2 INCREMENT 2 MINVALUE 2;
CREATE TABLE invoices (
  id               bigint PRIMARY KEY DEFAULT nextval('invoices_id_seq'),
  booking_id       bigint NOT NULL UNIQUE,
  account_id       bigint NOT NULL,
  status           text NOT NULL CHECK (status IN ('OPEN', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'VOID')),
  bill_to          text NOT NULL,
  currency         char(3) NOT NULL,
  net_minor        bigint NOT NULL,
  tax_minor        bigint NOT NULL,
  total_minor      bigint NOT NULL,
  paid_minor       bigint NOT NULL DEFAULT 0,
  refunded_minor   bigint NOT NULL DEFAULT 0,
  ledger_reference bigint NOT NULL UNIQUE,
  issued_at        timestamptz(3) NOT NULL,
  due_at           timestamptz(3) NOT NULL,
  paid_at          timestamptz(3),
  updated_at       timestamptz(3) NOT NULL,
  CHECK (total_minor = net_minor + tax_minor),
  CHECK (paid_minor IN (0, total_minor)),
  CHECK (refunded_minor BETWEEN 0 AND paid_minor)
);
ALTER SEQUENCE invoices_id_seq OWNED BY invoices.id;
CREATE INDEX invoices_by_account ON invoices (account_id, id DESC);
CREATE INDEX invoices_by_status ON invoices (status, id DESC);
CREATE INDEX invoices_by_issue ON invoices (issued_at, id);

CREATE TABLE invoice_lines (
  invoice_id        bigint NOT NULL REFERENCES invoices,
  position          smallint NOT NULL,
  description       text NOT NULL,
  quantity          integer NOT NULL CHECK (quantity > 0),
  unit_amount_minor bigint NOT NULL,
  amount_minor      bigint NOT NULL,
  PRIMARY KEY (invoice_id, position)
);

CREATE SEQUENCE payments_id_seq AS bigint START 2 INCREMENT 2 MINVALUE 2;
CREATE TABLE payments (
  id                 bigint PRIMARY KEY DEFAULT nextval('payments_id_seq'),
  invoice_id         bigint NOT NULL REFERENCES invoices,
  -- What the acquirer knows the charge by.
  idempotency_key    text NOT NULL UNIQUE,
  result             text NOT NULL CHECK (result IN ('PENDING', 'APPROVED', 'DECLINED', 'FAILED')),
  decline_reason     text,
  amount_minor       bigint NOT NULL CHECK (amount_minor > 0),
  currency           char(3) NOT NULL,
  card_brand         text NOT NULL,
  card_last4         char(4) NOT NULL,
  acquirer_reference text,
  created_at         timestamptz(3) NOT NULL,
  updated_at         timestamptz(3) NOT NULL
);
ALTER SEQUENCE payments_id_seq OWNED BY payments.id;
CREATE INDEX payments_by_invoice ON payments (invoice_id, id);
-- One charge at most is under way or has succeeded for an invoice, whoever asks how often.
CREATE UNIQUE INDEX payments_one_live ON payments (invoice_id) WHERE result IN ('PENDING', 'APPROVED');
CREATE INDEX payments_pending ON payments (created_at) WHERE result = 'PENDING';

CREATE SEQUENCE refunds_id_seq AS bigint START 2 INCREMENT 2 MINVALUE 2;
CREATE TABLE refunds (
  id                 bigint PRIMARY KEY DEFAULT nextval('refunds_id_seq'),
  payment_id         bigint NOT NULL REFERENCES payments,
  idempotency_key    text NOT NULL UNIQUE,
  result             text NOT NULL CHECK (result IN ('PENDING', 'REFUNDED', 'FAILED')),
  amount_minor       bigint NOT NULL CHECK (amount_minor > 0),
  currency           char(3) NOT NULL,
  reason             text NOT NULL,
  acquirer_reference text,
  created_at         timestamptz(3) NOT NULL,
  updated_at         timestamptz(3) NOT NULL
);
ALTER SEQUENCE refunds_id_seq OWNED BY refunds.id;
CREATE INDEX refunds_by_payment ON refunds (payment_id, id);
CREATE INDEX refunds_pending ON refunds (created_at) WHERE result = 'PENDING';

CREATE SEQUENCE statements_id_seq AS bigint START 2 INCREMENT 2 MINVALUE 2;
CREATE TABLE statements (
  id             bigint PRIMARY KEY DEFAULT nextval('statements_id_seq'),
  account_id     bigint NOT NULL,
  month          date NOT NULL CHECK (month = date_trunc('month', month)),
  currency       char(3) NOT NULL,
  opening_minor  bigint NOT NULL,
  invoiced_minor bigint NOT NULL,
  paid_minor     bigint NOT NULL,
  refunded_minor bigint NOT NULL,
  closing_minor  bigint NOT NULL,
  -- Oldest first, as {"at","kind","invoice_number","amount_minor"}: `at` ISO 8601, the amount as text.
  lines          jsonb NOT NULL,
  generated_at   timestamptz(3) NOT NULL
);
ALTER SEQUENCE statements_id_seq OWNED BY statements.id;
CREATE INDEX statements_by_account ON statements (account_id, id DESC);

-- A copy, never written but by its refreshing: accounts are the monolith's.
CREATE TABLE accounts (
  id         bigint PRIMARY KEY,
  name       text NOT NULL,
  email      text NOT NULL,
  role       text NOT NULL,
  refreshed_at timestamptz(3) NOT NULL
);
