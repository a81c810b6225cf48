-- Up Migration

-- Amounts are in the currency's smallest unit. Ids allotted here are even; the monolith's are odd.

CREATE SEQUENCE bookings_id_seq AS bigint START 2 INCREMENT 2 MINVALUE 2;
CREATE TABLE bookings (
  -- The reference is a bijection over 30 bits.
  id              bigint PRIMARY KEY DEFAULT nextval('bookings_id_seq') CHECK (id BETWEEN 1 AND 1073741823),
  account_id      bigint NOT NULL,
  flight_id       bigint NOT NULL,
  fare_class      text NOT NULL CHECK (fare_class IN ('SAVER', 'CLASSIC', 'FLEX')),
  status          text NOT NULL CHECK (status IN ('HELD', 'CONFIRMED', 'CANCELLED', 'EXPIRED')),
  contact_email   text NOT NULL,
  contact_phone   text,
  note            text,
  base_minor      bigint NOT NULL,
  tax_minor       bigint NOT NULL,
  total_minor     bigint NOT NULL,
  currency        char(3) NOT NULL,
  hold_expires_at timestamptz(0),
  created_at      timestamptz(0) NOT NULL,
  updated_at      timestamptz(0) NOT NULL,
  version         integer NOT NULL DEFAULT 1,
  CHECK (total_minor = base_minor + tax_minor),
  CHECK ((status = 'HELD') = (hold_expires_at IS NOT NULL))
);
ALTER SEQUENCE bookings_id_seq OWNED BY bookings.id;
CREATE INDEX bookings_by_account ON bookings (account_id, id DESC);
CREATE INDEX bookings_by_flight ON bookings (flight_id, id DESC);
CREATE INDEX bookings_by_status ON bookings (status, id DESC);
CREATE INDEX bookings_by_creation ON bookings (created_at, id);
CREATE INDEX bookings_held ON bookings (hold_expires_at) WHERE status = 'HELD';

CREATE SEQUENCE passengers_id_seq AS bigint START 2 INCREMENT 2 MINVALUE 2;
CREATE TABLE passengers (
  id                    bigint PRIMARY KEY DEFAULT nextval('passengers_id_seq'),
  booking_id            bigint NOT NULL REFERENCES bookings,
  position              smallint NOT NULL CHECK (position BETWEEN 1 AND 9),
  title                 text CHECK (title IN ('MR', 'MRS', 'MS', 'MX', 'DR')),
  first_name            text NOT NULL,
  last_name             text NOT NULL,
  infant                boolean NOT NULL,
  special_assistance    boolean NOT NULL,
  frequent_flyer_number text,
  UNIQUE (booking_id, position)
);
ALTER SEQUENCE passengers_id_seq OWNED BY passengers.id;

-- A row is a seat taken; who cancels or expires deletes it.
CREATE TABLE seat_claims (
  flight_id    bigint NOT NULL,
  seat         text NOT NULL CHECK (seat ~ '^[1-9][0-9]?[A-K]$'),
  booking_id   bigint NOT NULL REFERENCES bookings,
  passenger_id bigint NOT NULL UNIQUE REFERENCES passengers,
  PRIMARY KEY (flight_id, seat)
);
CREATE INDEX seat_claims_by_booking ON seat_claims (booking_id);

-- Copies, never written but by their refreshing: flights and accounts are the monolith's. No key refers to them,
-- since a copy may be behind.

CREATE TABLE flights (
  id                  bigint PRIMARY KEY,
  number              text NOT NULL,
  origin              char(3) NOT NULL,
  origin_name         text NOT NULL,
  destination         char(3) NOT NULL,
  destination_name    text NOT NULL,
  origin_place        text NOT NULL,
  destination_place   text NOT NULL,
  origin_latitude       double precision NOT NULL,
  origin_longitude      double precision NOT NULL,
  destination_latitude  double precision NOT NULL,
  destination_longitude double precision NOT NULL,
  departs_at          timestamptz(0) NOT NULL,
  arrives_at          timestamptz(0) NOT NULL,
  aircraft            text NOT NULL,
  aircraft_name       text NOT NULL,
  cabin_rows          integer NOT NULL,
  cabin_columns       text NOT NULL,
  status              text NOT NULL,
  gate                text,
  base_fare_minor     bigint NOT NULL,
  currency            char(3) NOT NULL,
  revision            integer NOT NULL,
  updated_at          timestamptz(0) NOT NULL,
  refreshed_at        timestamptz(3) NOT NULL
);

CREATE TABLE accounts (
  id           bigint PRIMARY KEY,
  name         text NOT NULL,
  email        text NOT NULL,
  role         text NOT NULL,
  refreshed_at timestamptz(3) NOT NULL
);
