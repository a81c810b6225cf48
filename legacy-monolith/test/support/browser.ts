import { request } from 'node:http';

/** A page as a browser without JavaScript has it. */
export type Page = {
  status: number;
  location: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  html: string;
  /** What a reader sees, more or less. */
  text: string;
  /** The fields of the form with this action, as they would be sent. Throws when there is none. */
  form(action: string): Record<string, string>;
  /** The fault beside a field, or empty; where several forms have the field, of the one with this action. */
  fault(name: string, action?: string): string;
  /** The message above the form, or empty. */
  message(): string;
};

export type Browser = {
  get(path: string, headers?: Record<string, string>): Promise<Page>;
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Page>;
  /** A multipart post with one file. */
  upload(
    path: string,
    fields: Record<string, string>,
    file: { name: string; content: Buffer },
  ): Promise<Page>;
  /** Opens the page of a form, fills it in and posts it; `action` is the page's own path by default. */
  fillIn(path: string, fields: Record<string, string>, action?: string): Promise<Page>;
  cookie(): string;
};

/** Keeps the session's cookie, runs no script, and follows no redirect but that of a page to its own form. */
export function createBrowser(port: number): Browser {
  let cookie = '';

  const send = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ): Promise<Page> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          path,
          method,
          agent: false,
          headers: { ...(cookie ? { cookie } : {}), ...headers },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const renewed = incoming.headers['set-cookie']?.[0]?.split(';')[0];
            if (renewed !== undefined) cookie = renewed;
            const html = Buffer.concat(chunks).toString('utf8');
            resolve(pageOf(incoming.statusCode as number, incoming.headers, html));
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  const browser: Browser = {
    async get(path, headers = {}) {
      const page = await send('GET', path, headers);
      const { status, location = '' } = page;
      const isOwnForm = status === 303 && location.includes('form=') && pathOf(location) === pathOf(path);
      return isOwnForm ? browser.get(location, headers) : page;
    },
    post(path, fields, headers = {}) {
      const body = new URLSearchParams(fields).toString();
      const type = 'application/x-www-form-urlencoded';
      return send(
        'POST',
        path,
        { 'content-type': type, 'content-length': `${body.length}`, ...headers },
        body,
      );
    },
    async upload(path, fields, { name, content }) {
      const data = new FormData();
      for (const [field, value] of Object.entries(fields)) data.set(field, value);
      data.set('photo', new Blob([new Uint8Array(content)]), name);
      const encoded = new Response(data);
      const body = Buffer.from(await encoded.arrayBuffer());
      const type = encoded.headers.get('content-type') ?? '';
      return send('POST', path, { 'content-type': type, 'content-length': `${body.length}` }, body);
    },
    async fillIn(path, fields, action = path.split('?')[0] as string) {
      const page = await browser.get(path);
      return browser.post(action, { ...page.form(action), ...fields });
    },
    cookie: () => cookie,
  };
  return browser;
}

/** A browser in which this account is logged in. */
export async function logInBrowser(port: number, email: string): Promise<Browser> {
  const browser = createBrowser(port);
  const page = await browser.fillIn('/login', { email, password: 'meridian' });
  if (page.status !== 303) throw new Error(`log-in answered ${page.status}: ${page.text}`);
  return browser;
}

function pathOf(address: string): string | undefined {
  return address.split('?')[0];
}

function pageOf(status: number, headers: Page['headers'], html: string): Page {
  const text = decode(html.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ');
  return {
    status,
    location: headers.location as string | undefined,
    headers,
    html,
    text,
    form: (action) => formOf(html, action),
    fault(name, action) {
      const within = action === undefined ? html : markupOf(html, action);
      return decode(new RegExp(`data-error-for="${name}">([^<]*)<`).exec(within)?.[1] ?? '');
    },
    message: () => decode(/data-form-message><p>([^<]*)</.exec(html)?.[1] ?? ''),
  };
}

/** Enough of HTML to read our own forms: every attribute is quoted, nothing is nested. */
function markupOf(html: string, action: string): string {
  const forms = html.match(/<form\b[^>]*>[\s\S]*?<\/form>/g) ?? [];
  const form = forms.find((each) => attribute(each.slice(0, each.indexOf('>')), 'action') === action);
  if (form === undefined) throw new Error(`no form posts to ${action}`);
  return form;
}

function formOf(html: string, action: string): Record<string, string> {
  const form = markupOf(html, action);
  const fields: Record<string, string> = {};
  for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(tag, 'name');
    const type = attribute(tag, 'type');
    if (name === undefined || type === 'file' || (type === 'checkbox' && !/\schecked\b/.test(tag))) continue;
    fields[name] = attribute(tag, 'value') ?? '';
  }
  for (const [, tag = '', value = ''] of form.matchAll(/<textarea\b([^>]*)>\n?([\s\S]*?)<\/textarea>/g)) {
    fields[attribute(tag, 'name') ?? ''] = decode(value);
  }
  for (const [, tag = '', options = ''] of form.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/g)) {
    const all = [...options.matchAll(/<option\b[^>]*>/g)].map(([option]) => option);
    const chosen = all.find((option) => /\sselected\b/.test(option)) ?? all[0] ?? '';
    fields[attribute(tag, 'name') ?? ''] = attribute(chosen, 'value') ?? '';
  }
  return fields;
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : decode(value);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string | undefined) =>
    code === undefined ? (ENTITIES[name ?? ''] ?? whole) : String.fromCodePoint(Number(code)),
  );
}
