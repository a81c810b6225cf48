import { type ServiceError, status } from '@grpc/grpc-js';
import { refusalOf } from '../../channels/status-details.ts';

/** A google.rpc.Status, with what its details say. */
export type CallRefusal = {
  readonly method: string;
  readonly code: string;
  readonly number: number;
  readonly message: string;
  readonly reason?: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly { readonly field: string; readonly description: string }[];
  readonly retryAfterSeconds?: number;
};

/** The status that a call ended with, or nothing where the error is none. */
export function readRefusal(method: string, error: unknown): CallRefusal | undefined {
  const { code, details } = error as Partial<ServiceError>;
  if (!(error instanceof Error) || typeof code !== 'number' || typeof details !== 'string') return undefined;
  const said = refusalOf(error as ServiceError);
  return {
    method,
    code: status[code] ?? String(code),
    number: code,
    message: details,
    ...(said && { reason: said.reason, domain: said.domain, metadata: said.metadata }),
    ...(said && said.violations.length > 0 && { violations: said.violations }),
    ...(said?.retryAfterSeconds !== undefined && { retryAfterSeconds: said.retryAfterSeconds }),
  };
}

export function showRefusal(refusal: CallRefusal): string {
  const { method, code, number, message, reason, domain, metadata = {}, violations = [] } = refusal;
  const lines = [`refused: ${method}: ${code} (${number})${message === '' ? '' : `: ${message}`}`];
  if (reason !== undefined) lines.push(`  reason ${reason}${domain ? ` of ${domain}` : ''}`);
  for (const [key, value] of Object.entries(metadata)) lines.push(`  ${key} = ${value}`);
  for (const { field, description } of violations) lines.push(`  field ${field}: ${description}`);
  if (refusal.retryAfterSeconds !== undefined) lines.push(`  try again in ${refusal.retryAfterSeconds} s`);
  return `${lines.join('\n')}\n`;
}
