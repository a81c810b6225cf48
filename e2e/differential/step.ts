/** What a later step needs of earlier answers; the direct side's, which the other side's equal. */
export type Findings = {
  readonly cookies: Map<string, string>;
  readonly values: Map<string, string | number>;
};

export type Step = {
  readonly title: string;
  /** The operation that the gateway must name; undefined where the contract has none. */
  readonly operation: string | undefined;
  readonly method: string;
  readonly target: (findings: Findings) => string;
  readonly as?: string;
  readonly headers?: (findings: Findings) => readonly string[];
  readonly body?:
    | { readonly type: string | null; readonly bytes: Buffer }
    | ((findings: Findings) => { type: string; bytes: Buffer });
  readonly version?: '1.0';
  readonly framing?: 'length' | 'chunked' | 'none';
  readonly enough?: (body: string) => boolean;
  readonly keep?: (
    answer: { status: number; header(name: string): string | undefined; body: string },
    findings: Findings,
  ) => void;
  /** The status that makes the step worth comparing. */
  readonly status: number;
};

export const KEYS: Readonly<Record<string, string>> = {
  partner: 'mk_demo_globetrotter_0001',
  skyways: 'mk_demo_skyways_0002',
};
export const EMAILS: Readonly<Record<string, string>> = {
  alice: 'alice@example.com',
  bob: 'bob@example.com',
  agent: 'agent@meridian.example',
  accountant: 'accounts@meridian.example',
};

export const json = (value: unknown) => ({
  type: 'application/json',
  bytes: Buffer.from(JSON.stringify(value)),
});
export const form = (text: string) => ({
  type: 'application/x-www-form-urlencoded',
  bytes: Buffer.from(text),
});
/** `{name}` stands for what an earlier step kept. */
export const fill = (target: string) => (findings: Findings) =>
  target.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = findings.values.get(name);
    if (value === undefined) throw new Error(`no step has kept ${name}`);
    return String(value);
  });
export const keepJson = (name: string, path: string) => (answer: { body: string }, findings: Findings) => {
  const found = new RegExp(`"${path}":("?)([^,"}]+)\\1`).exec(answer.body)?.[2];
  if (found === undefined) throw new Error(`no ${path} in ${answer.body.slice(0, 300)}`);
  findings.values.set(name, found);
};

const PASSENGERS = [
  { first_name: 'Alice', last_name: 'Martin', title: 'MS', seat: '12A' },
  { first_name: 'Zoë', last_name: 'Šuk', frequent_flyer_no: 'MA12345' },
];
export const booking =
  (more: Record<string, unknown> = {}) =>
  (findings: Findings) =>
    json({
      flight_id: findings.values.get('flight'),
      fare_class: 'FLEX',
      passengers: PASSENGERS,
      contact_email: 'alice@example.com',
      ...more,
    });
export const card = (number: string) =>
  json({ card_number: number, expiry: '12/39', cvc: '123', card_holder: 'Alice Martin' });
export const TOO_LARGE = json({ pad: 'x'.repeat(1_048_577) });
export const NOT_JSON = { type: 'application/json', bytes: Buffer.from('{"a":') };
export const PLAIN = { type: 'text/plain', bytes: Buffer.from('a=b') };
export const MISSING = '999999999999';

export function multipart(name: string, content: Buffer, type = 'image/png') {
  const head = `--frontier\r\nContent-Disposition: form-data; name="${name}"; filename="me.png"\r\nContent-Type: ${type}\r\n\r\n`;
  return {
    type: 'multipart/form-data; boundary=frontier',
    bytes: Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--frontier--\r\n')]),
  };
}
export const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(64, 1)]);

export type Brief = Partial<Omit<Step, 'target'>> & { readonly target: string };

export function step(operation: string | undefined, status: number, method: string, brief: Brief): Step {
  const { target, ...rest } = brief;
  const who = rest.as ? ` as ${rest.as}` : '';
  return {
    title: `${operation ?? 'no operation'} ${status}: ${method} ${target}${who}`,
    operation,
    status,
    method,
    ...rest,
    target: fill(target),
  };
}

/** The bytes of one request; both sides get the same. */
export function renderStep(each: Step, findings: Findings): Buffer {
  const body = typeof each.body === 'function' ? each.body(findings) : each.body;
  const lines = [
    `${each.method} ${each.target(findings)} HTTP/${each.version ?? '1.1'}`,
    'Host: meridian.example',
    'User-Agent: Differential/1.0',
  ];
  if (each.as && KEYS[each.as]) lines.push(`X-Api-Key: ${KEYS[each.as]}`);
  else if (each.as)
    lines.push(`Cookie: theme=dark; ${findings.cookies.get(each.as) ?? `MERIDIANSESSID=${each.as}`}`);
  if (body && body.type !== null) lines.push(`Content-Type: ${body.type}`);
  lines.push(...(each.headers?.(findings) ?? []));
  const framing = each.framing ?? (body ? 'length' : 'none');
  if (framing === 'length') lines.push(`Content-Length: ${body?.bytes.length ?? 0}`);
  if (framing === 'chunked') lines.push('Transfer-Encoding: chunked');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const bytes = body?.bytes ?? Buffer.alloc(0);
  if (framing !== 'chunked') return Buffer.concat([head, bytes]);
  const chunk = Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
  return Buffer.concat([head, chunk]);
}

export const logIn = (name: string): Step =>
  step('createSession', 200, 'POST', {
    target: '/api/v1/session',
    title: `createSession 200: log in as ${name}`,
    body: json({ email: EMAILS[name], password: 'meridian' }),
    keep: (answer, findings) => findings.cookies.set(name, answer.header('set-cookie')?.split(';')[0] ?? ''),
  });
