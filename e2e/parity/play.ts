import type { Difference } from '../differential/compare.ts';
import { type Findings, fill, type Step } from '../differential/step.ts';
import { askBoth, differencesAfter, isWrite, mayHaveWritten, statusOf } from './ask.ts';
import { type GeneratedRequest, PRELUDE } from './requests.ts';
import type { Worlds } from './worlds.ts';

/** Asks for a sequence at both worlds; gives what differed, at the request where it first did. */
export async function play(
  worlds: Worlds,
  planted: Findings,
  requests: readonly GeneratedRequest[],
  onAnswer: (operation: string, status: number) => void,
  settleMs?: number,
): Promise<{ readonly script: readonly string[]; readonly differences: readonly Difference[] }> {
  // What was found out in one sequence is nothing to the next: a script stands for itself.
  const findings: Findings = { cookies: planted.cookies, values: new Map(planted.values) };
  const script: string[] = [];
  for (const request of [...PRELUDE, ...requests]) {
    const each = toStep(request);
    await worlds.tick();
    script.push(curlLine(each, findings));
    const { direct, differences } = await askBoth(worlds, each, findings);
    onAnswer(request.operation, statusOf(direct));
    if (differences.length > 0) return { script, differences };
    if (isWrite(each) && mayHaveWritten(direct)) {
      const after = await differencesAfter(worlds, each, findings, settleMs);
      if (after.length > 0) return { script, differences: after };
    }
    learn(request, statusOf(direct), direct.body, direct.headers, findings);
  }
  return { script, differences: [] };
}

function toStep({ operation, method, target, as, headers, body }: GeneratedRequest): Step {
  return {
    title: operation,
    operation,
    status: 0,
    method,
    target: fill(target),
    ...(as === undefined ? {} : { as }),
    headers: (findings) => headers.map((line) => fill(line)(findings)),
    ...(body === undefined
      ? {}
      : {
          body: (findings: Findings) => ({
            type: body.type,
            bytes: Buffer.from(fillBody(body.text, findings)),
          }),
        }),
  };
}

/** In a form a name's braces are percent-encoded. */
function fillBody(text: string, findings: Findings): string {
  return fill(text.replaceAll(/%7B(\w+)%7D/g, '{$1}').replaceAll(/\{(\w+)\}/g, known(findings)))(findings);
}

/** Braces around anything else are the client's own. */
const known =
  ({ values }: Findings) =>
  (all: string, name: string): string =>
    values.has(name) ? all : all.replaceAll('{', '(').replaceAll('}', ')');

/** The newest booking, invoice and payment that an answer told of. */
function learn(
  { operation }: GeneratedRequest,
  status: number,
  body: string,
  headers: readonly string[],
  { values }: Findings,
): void {
  if (status >= 300 || body === '') return;
  const idOf = (pattern: RegExp): string | undefined => pattern.exec(body)?.[1];
  const found: Record<string, string | undefined> = {};
  if (['createBooking', 'getBooking', 'updateBooking'].includes(operation)) {
    found.booking = idOf(/^\{"id":(\d+)/);
    found.adult = idOf(/"passengers":\[\{"id":(\d+)/);
    found.etag = headers.find((line) => line.startsWith('ETag: '))?.slice('ETag: '.length);
  }
  if (['getInvoice', 'getBookingInvoice'].includes(operation)) {
    found.invoice = idOf(/^\{"id":(\d+)/);
    found.payment = idOf(/"payments":\[\{"id":(\d+)/);
  }
  if (operation === 'payInvoice') found.payment = idOf(/"payment":\{"id":(\d+)/);
  for (const [name, value] of Object.entries(found)) if (value !== undefined) values.set(name, value);
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function curlLine(each: Step, findings: Findings): string {
  const body = typeof each.body === 'function' ? each.body(findings) : each.body;
  const parts = [
    each.method === 'HEAD' ? 'curl -I' : `curl -i -X ${each.method}`,
    quote(`http://127.0.0.1:8080${each.target(findings)}`),
    ...(each.as === undefined ? [] : [`# as ${each.as}`]),
  ];
  const headers = (each.headers?.(findings) ?? []).map((line) => `-H ${quote(line)}`);
  const [start = '', target = '', ...who] = parts;
  const data = body
    ? [`-H ${quote(`Content-Type: ${body.type}`)}`, `--data-binary ${quote(body.bytes.toString())}`]
    : [];
  return [start, ...headers, ...data, target, ...who].join(' ');
}
