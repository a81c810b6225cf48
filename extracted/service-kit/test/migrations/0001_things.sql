CREATE TABLE things (
  id     bigint PRIMARY KEY,
  amount bigint NOT NULL
);
