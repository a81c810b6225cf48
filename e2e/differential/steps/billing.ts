import { card, json, keepJson, MISSING, NOT_JSON, PLAIN, type Step, step } from '../step.ts';

export const billing: readonly Step[] = [
  step('listInvoices', 200, 'GET', { target: '/api/v1/invoices?status=OPEN&per_page=3', as: 'accountant' }),
  step('listInvoices', 200, 'GET', { target: '/api/v1/invoices', as: 'partner' }),
  step('listInvoices', 422, 'GET', { target: '/api/v1/invoices?status=x&issued_from=y', as: 'accountant' }),
  step('listInvoices', 403, 'GET', { target: '/api/v1/invoices', as: 'agent' }),
  step('getInvoice', 200, 'GET', { target: '/api/v1/invoices/{invoice}', as: 'alice' }),
  step('getInvoice', 304, 'GET', {
    target: '/api/v1/invoices/{invoice}',
    as: 'alice',
    headers: () => ['If-Modified-Since: Sun, 06 Nov 2039 08:49:37 GMT'],
  }),
  step('getInvoice', 403, 'GET', { target: '/api/v1/invoices/{invoice}', as: 'bob' }),
  step('getInvoice', 404, 'GET', { target: `/api/v1/invoices/${MISSING}`, as: 'alice' }),
  step('payInvoice', 422, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    body: json({}),
  }),
  step('payInvoice', 200, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    title: 'payInvoice 200: declined',
    body: card('4000000000000002'),
  }),
  step('payInvoice', 503, 'POST', {
    target: '/api/v1/invoices/{bobsInvoice}/payments',
    as: 'bob',
    body: card('4000000000001307'),
  }),
  step('payInvoice', 200, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    title: 'payInvoice 200: approved',
    body: card('4242424242424242'),
    keep: keepJson('payment', 'payment":{"id'),
  }),
  step('payInvoice', 409, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    body: card('4242424242424242'),
  }),
  step('payInvoice', 403, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'accountant',
    body: card('4242424242424242'),
  }),
  step('payInvoice', 415, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    body: PLAIN,
  }),
  step('payInvoice', 400, 'POST', {
    target: '/api/v1/invoices/{invoice}/payments',
    as: 'alice',
    body: NOT_JSON,
  }),
  step('refundPayment', 403, 'POST', {
    target: '/api/v1/payments/{payment}/refunds',
    as: 'alice',
    body: json({}),
  }),
  step('refundPayment', 422, 'POST', {
    target: '/api/v1/payments/{payment}/refunds',
    as: 'accountant',
    body: json({}),
  }),
  step('refundPayment', 201, 'POST', {
    target: '/api/v1/payments/{payment}/refunds',
    as: 'accountant',
    body: json({ amount: '10.00', reason: 'goodwill' }),
  }),
  step('refundPayment', 404, 'POST', {
    target: `/api/v1/payments/${MISSING}/refunds`,
    as: 'accountant',
    body: json({ reason: 'x' }),
  }),
  step('getInvoicePdf', 200, 'GET', { target: '/api/v1/invoices/{invoice}/pdf', as: 'alice' }),
  step('getInvoicePdf', 200, 'HEAD', { target: '/api/v1/invoices/{invoice}/pdf', as: 'alice' }),
  step('getInvoicePdf', 206, 'GET', {
    target: '/api/v1/invoices/{invoice}/pdf',
    as: 'alice',
    headers: () => ['Range: bytes=10-99'],
  }),
  step('getInvoicePdf', 416, 'GET', {
    target: '/api/v1/invoices/{invoice}/pdf',
    as: 'alice',
    headers: () => ['Range: bytes=99999999-'],
  }),
  step('getInvoicePdf', 304, 'GET', {
    target: '/api/v1/invoices/{invoice}/pdf',
    as: 'alice',
    headers: () => ['If-None-Match: *'],
  }),
  step('exportInvoices', 200, 'GET', {
    target: '/api/v1/invoices/export.csv',
    as: 'accountant',
    headers: () => ['TE: trailers', 'Connection: TE'],
  }),
  step('exportInvoices', 403, 'GET', { target: '/api/v1/invoices/export.csv', as: 'alice' }),
  step('exportInvoices', 422, 'GET', { target: '/api/v1/invoices/export.csv?from=x&to=y', as: 'accountant' }),
  step('createStatement', 201, 'POST', {
    target: '/api/v1/statements',
    as: 'alice',
    body: json({ month: '2026-11' }),
  }),
  step('createStatement', 422, 'POST', {
    target: '/api/v1/statements',
    as: 'alice',
    body: json({ month: 'May' }),
  }),
  step('createStatement', 403, 'POST', {
    target: '/api/v1/statements',
    as: 'agent',
    body: json({ month: '2026-10' }),
  }),
];
