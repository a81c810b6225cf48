import type { DataPlan } from '@banyan/gateway/carve-out';

/** The monolith's decimal amount as the smallest unit. */
const minor = (column: string): string => `(${column} * 100)::bigint`;
/** The other way; exact, since numeric division by 100 is. */
const decimal = (column: string): string => `(${column} / 100.0)::numeric(12, 2)`;

const ISO = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** What billing reads beside its aggregate, as views in the monolith's database. In its own it keeps a copy. */
export const billingExtraViews: Readonly<Record<string, string>> = {
  accounts: 'SELECT id, name, email, role, now()::timestamptz(3) AS refreshed_at FROM accounts',
};

/** How billing's rows look on either side. */
export const billingDataPlan: DataPlan = {
  aggregate: 'billing',
  schema: 'billing',
  sharedViews: billingExtraViews,
  tables: [
    {
      table: 'invoices',
      key: ['id'],
      columns: [
        ...['id', 'booking_id', 'account_id', 'status', 'bill_to', 'currency', 'net_minor', 'tax_minor'],
        ...['total_minor', 'paid_minor', 'refunded_minor', 'ledger_reference', 'issued_at', 'due_at'],
        ...['paid_at', 'updated_at'],
      ],
      fromMonolith: `
        SELECT id, booking_id, account_id, status, bill_to, currency, ${minor('net')} AS net_minor,
               ${minor('tax')} AS tax_minor, ${minor('total')} AS total_minor, ${minor('paid')} AS paid_minor,
               ${minor('refunded')} AS refunded_minor, ledger_ref AS ledger_reference, issued_at, due_at, paid_at,
               updated_at
        FROM invoices`,
      toMonolith: `
        SELECT id, booking_id, account_id, status, bill_to, currency, ${decimal('net_minor')} AS net,
               ${decimal('tax_minor')} AS tax, ${decimal('total_minor')} AS total, ${decimal('paid_minor')} AS paid,
               ${decimal('refunded_minor')} AS refunded, ledger_reference AS ledger_ref, issued_at, due_at, paid_at,
               updated_at
        FROM invoices`,
      sequence: 'invoices_id_seq',
    },
    {
      table: 'invoice_lines',
      key: ['invoice_id', 'position'],
      columns: ['invoice_id', 'position', 'description', 'quantity', 'unit_amount_minor', 'amount_minor'],
      fromMonolith: `
        SELECT invoice_id, position, description, quantity, ${minor('unit_amount')} AS unit_amount_minor,
               ${minor('amount')} AS amount_minor
        FROM invoice_lines`,
      toMonolith: `
        SELECT invoice_id, position, description, quantity, ${decimal('unit_amount_minor')} AS unit_amount,
               ${decimal('amount_minor')} AS amount
        FROM invoice_lines`,
    },
    {
      table: 'payments',
      key: ['id'],
      columns: [
        ...['id', 'invoice_id', 'idempotency_key', 'result', 'decline_reason', 'amount_minor', 'currency'],
        ...['card_brand', 'card_last4', 'acquirer_reference', 'created_at', 'updated_at'],
      ],
      fromMonolith: `
        SELECT id, invoice_id, idempotency_key, result, decline_reason, ${minor('amount')} AS amount_minor, currency,
               card_brand, card_last4, acquirer_ref AS acquirer_reference, created_at, updated_at
        FROM payments`,
      toMonolith: `
        SELECT id, invoice_id, idempotency_key, result, decline_reason, ${decimal('amount_minor')} AS amount, currency,
               card_brand, card_last4, acquirer_reference AS acquirer_ref, created_at, updated_at
        FROM payments`,
      sequence: 'payments_id_seq',
    },
    {
      table: 'refunds',
      key: ['id'],
      columns: [
        ...['id', 'payment_id', 'idempotency_key', 'result', 'amount_minor', 'currency', 'reason'],
        ...['acquirer_reference', 'created_at', 'updated_at'],
      ],
      fromMonolith: `
        SELECT id, payment_id, idempotency_key, result, ${minor('amount')} AS amount_minor, currency, reason,
               acquirer_ref AS acquirer_reference, created_at, updated_at
        FROM refunds`,
      toMonolith: `
        SELECT id, payment_id, idempotency_key, result, ${decimal('amount_minor')} AS amount, currency, reason,
               acquirer_reference AS acquirer_ref, created_at, updated_at
        FROM refunds`,
      sequence: 'refunds_id_seq',
    },
    {
      table: 'statements',
      key: ['id'],
      columns: [
        ...['id', 'account_id', 'month', 'currency', 'opening_minor', 'invoiced_minor', 'paid_minor'],
        ...['refunded_minor', 'closing_minor', 'lines', 'generated_at'],
      ],
      // The monolith keeps a statement as the JSON text that it once answered.
      fromMonolith: `
        SELECT id, account_id, to_date(month, 'YYYY-MM') AS month, (body->>'currency')::char(3) AS currency,
               ${minor("(body->>'opening_balance')::numeric")} AS opening_minor,
               ${minor("(body->>'invoiced')::numeric")} AS invoiced_minor,
               ${minor("(body->>'paid')::numeric")} AS paid_minor,
               ${minor("(body->>'refunded')::numeric")} AS refunded_minor,
               ${minor("(body->>'closing_balance')::numeric")} AS closing_minor,
               (SELECT coalesce(jsonb_agg(jsonb_build_object(
                         'at', line->>'at', 'kind', line->>'kind', 'invoice_number', line->>'invoice_number',
                         'amount_minor', ${minor("(line->>'amount')::numeric")}::text) ORDER BY position), '[]')
                FROM json_array_elements(body->'lines') WITH ORDINALITY AS lines (line, position)) AS lines,
               generated_at
        FROM statements`,
      // To the byte as JSON.stringify writes it: the copy compares texts.
      toMonolith: `
        SELECT id, account_id, to_char(month, 'YYYY-MM') AS month,
               format('{"id":%s,"account_id":%s,"month":"%s","currency":%s,"opening_balance":"%s","invoiced":"%s",'
                      '"paid":"%s","refunded":"%s","closing_balance":"%s","lines":[%s],"generated_at":"%s"}',
                      id, account_id, to_char(month, 'YYYY-MM'), to_json(currency::text),
                      ${decimal('opening_minor')}, ${decimal('invoiced_minor')}, ${decimal('paid_minor')},
                      ${decimal('refunded_minor')}, ${decimal('closing_minor')},
                      (SELECT string_agg(format('{"at":%s,"kind":%s,"invoice_number":%s,"amount":"%s"}',
                                                line->'at', line->'kind', line->'invoice_number',
                                                ${decimal("(line->>'amount_minor')::numeric")}), ',' ORDER BY position)
                       FROM jsonb_array_elements(lines) WITH ORDINALITY AS parts (line, position)),
                      ${ISO('generated_at')})::json AS body,
               generated_at
        FROM statements`,
      sequence: 'statements_id_seq',
    },
    {
      // Ends that were told before their beginnings: whoever is told of the beginning makes the invoice void.
      table: 'early_closings',
      monolithTable: 'seam_tombstones',
      key: ['booking_id'],
      columns: ['booking_id', 'kind', 'closed_at'],
      fromMonolith: 'SELECT booking_id, kind, ended_at AS closed_at FROM seam_tombstones',
      toMonolith: 'SELECT booking_id, kind, closed_at AS ended_at FROM early_closings',
    },
  ],
};
