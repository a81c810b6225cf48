import type {
  CreateStatementRequest,
  CreateStatementResponse,
  Month,
  Statement,
} from '@banyan/contracts/billing/v1/billing';
import { required, ServiceRefusal } from '@banyan/gateway/carve-out';
import type { components } from '@banyan/openapi/generated/legacy';
import { type Fault, invalidFields } from '@meridian/habits/refusal';
import { currencyOf, decimalOf, isoInstant, nameOf, type OnWire, rawInteger } from '@meridian/habits/values';

const NO_ACCOUNT: Fault = { field: 'account_id', msg: 'No such account.' };

export type WantedStatement = { readonly request: CreateStatementRequest; readonly faults: readonly Fault[] };

/** The body of createStatement, with what is wrong with it by itself. */
export function parseStatement(
  values: Readonly<Record<string, unknown>>,
  role: string,
  now: Date,
): WantedStatement {
  const faults: Fault[] = [];
  const month = typeof values.month === 'string' ? parseMonth(values.month, now) : null;
  if (month === null) {
    const missing = values.month === undefined || values.month === null || values.month === '';
    const msg = missing ? 'Month is required.' : 'Month must be YYYY-MM and not in the future.';
    faults.push({ field: 'month', msg });
  }
  const accountId = role === 'accountant' ? parseAccountId(values.account_id, faults) : undefined;
  return { request: { month: month ?? { year: 0, month: 0 }, accountId }, faults };
}

/**
 * Asks for the statement. Whether the account is there only the service knows, and the month's fault comes first of
 * both: so a request whose month is wrong is asked all the same, for the service to refuse.
 */
export async function drawUp(
  wanted: WantedStatement,
  create: (request: CreateStatementRequest) => Promise<CreateStatementResponse>,
): Promise<CreateStatementResponse> {
  const { request, faults } = wanted;
  if (faults.length > 0 && request.accountId === undefined) throw invalidFields(faults);
  try {
    const drawn = await create(request);
    if (faults.length > 0) throw invalidFields(faults);
    return drawn;
  } catch (error) {
    if (!(error instanceof ServiceRefusal)) throw error;
    const isUnknown =
      error.reason === 'ACCOUNT_NOT_FOUND' || error.violations.some(({ field }) => field === 'account_id');
    if (faults.length === 0 && !isUnknown) throw error;
    throw invalidFields(isUnknown ? [...faults, NO_ACCOUNT] : faults);
  }
}

export function toStatement(statement: Statement): OnWire<components['schemas']['Statement']> {
  const { year, month } = required(statement.month, 'month');
  return {
    id: rawInteger(statement.id),
    account_id: rawInteger(statement.accountId),
    month: `${year}-${String(month).padStart(2, '0')}`,
    currency: currencyOf(statement.openingBalance),
    opening_balance: decimalOf(statement.openingBalance),
    invoiced: decimalOf(statement.invoiced),
    paid: decimalOf(statement.paid),
    refunded: decimalOf(statement.refunded),
    closing_balance: decimalOf(statement.closingBalance),
    lines: statement.lines.map((line) => ({
      at: isoInstant(line.at),
      kind: nameOf(line.kind, 'STATEMENT_LINE_KIND_'),
      invoice_number: line.invoiceNumber,
      amount: decimalOf(line.amount),
    })),
    generated_at: isoInstant(statement.generatedAt),
  };
}

/** `YYYY-MM`, not after the month of `now` (UTC); null otherwise. */
function parseMonth(text: string, now: Date): Month | null {
  if (!/^[1-9]\d{3}-(0[1-9]|1[0-2])$/.test(text)) return null;
  if (new Date(`${text}-01T00:00:00.000Z`) > now) return null;
  const [year, month] = text.split('-').map(Number) as [number, number];
  return { year, month };
}

function parseAccountId(value: unknown, faults: Fault[]): bigint | undefined {
  if (value === undefined || value === null || value === '') {
    faults.push({ field: 'account_id', msg: 'Account is required.' });
    return undefined;
  }
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === 'string' && /^\d{1,18}$/.test(value)) return BigInt(value);
  faults.push(NO_ACCOUNT);
  return undefined;
}
