-- Up Migration

ALTER TABLE request_keys
  DROP CONSTRAINT request_keys_operation_check,
  ADD CONSTRAINT request_keys_operation_check
    CHECK (operation IN ('PayInvoice', 'RefundPayment', 'CreateStatement'));
