import type { CaughtMail } from './caught-mail.ts';

/** The catcher's page: the list on the left, the mail that was chosen on the right. */
export function renderPage(mails: readonly CaughtMail[], chosen: CaughtMail | undefined): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${chosen === undefined ? '<meta http-equiv="refresh" content="5">' : ''}
<title>${chosen === undefined ? 'Mail catcher' : `${escapeHtml(chosen.subject)} · Mail catcher`}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
  <h1><a href="/">Mail catcher</a></h1>
  <p>${mails.length === 1 ? '1 mail' : `${mails.length} mails`}; nothing leaves this machine.</p>
  <form method="post" action="/clear"><button>Delete all</button></form>
</header>
<main class="${chosen === undefined ? '' : 'reading'}">
<nav aria-label="Mails">${mails.length === 0 ? EMPTY : `<ol>${mails.map((mail) => renderItem(mail, mail === chosen)).join('')}</ol>`}</nav>
${chosen === undefined ? '<section class="hint"><p>Choose a mail to read it.</p></section>' : renderMail(chosen)}
</main>
</body>
</html>
`;
}

const EMPTY = '<p class="empty">No mail yet. Whatever is sent appears here, newest first.</p>';

function renderItem(mail: CaughtMail, isChosen: boolean): string {
  return `<li><a href="/mails/${mail.id}"${isChosen ? ' aria-current="page"' : ''}>
<span class="subject">${escapeHtml(mail.subject) || '(no subject)'}</span>
<span class="who">${escapeHtml(mail.to.join(', '))}</span>
<time datetime="${mail.receivedAt.toISOString()}">${shownTime(mail.receivedAt)}</time>
${mail.attachments.length > 0 ? `<span class="clip">${mail.attachments.length} attached</span>` : ''}
</a></li>`;
}

function renderMail(mail: CaughtMail): string {
  const row = (label: string, value: string): string => `<dt>${label}</dt><dd>${escapeHtml(value)}</dd>`;
  return `<article>
<h2>${escapeHtml(mail.subject) || '(no subject)'}</h2>
<dl>
${row('From', mail.from)}
${row('To', mail.to.join(', '))}
${row('Received', shownTime(mail.receivedAt))}
${row('Message-ID', mail.messageId)}
</dl>
${renderAttachments(mail)}
${
  mail.html === null
    ? ''
    : `<iframe title="The mail as HTML" sandbox="allow-popups" src="/mails/${mail.id}/html"></iframe>`
}
<details${mail.html === null ? ' open' : ''}><summary>Text</summary><pre>${escapeHtml(mail.text)}</pre></details>
<details><summary>Headers</summary><pre>${escapeHtml(
    mail.headers.map(({ name, value }) => `${name}: ${value}`).join('\n'),
  )}</pre></details>
<p class="links"><a href="/api/mails/${mail.id}/source">Source</a> · <a href="/api/mails/${mail.id}">JSON</a></p>
</article>`;
}

function renderAttachments(mail: CaughtMail): string {
  if (mail.attachments.length === 0) return '';
  const items = mail.attachments.map(
    ({ filename, contentType, content }, index) =>
      `<li><a href="/api/mails/${mail.id}/attachments/${index}" download>${escapeHtml(filename)}</a>
<small>${escapeHtml(contentType)}, ${shownBytes(content.length)}</small></li>`,
  );
  return `<ul class="attachments">${items.join('')}</ul>`;
}

function shownTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function shownBytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(bytes < 10_240 ? 1 : 0)} KB`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export const STYLE = `
:root { color-scheme: light dark; --ink: #16202c; --muted: #5b6b7f; --line: #d6dee8; --paper: #fff; --back: #f3f6fa;
  --brand: #0b3d64; --chosen: #e4eef7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf5; --muted: #9aaabd; --line: #2b3a4c; --paper: #131c27;
  --back: #0c131c; --brand: #123f63; --chosen: #1d3247; } }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: flex; flex-direction: column; font: 15px/1.45 system-ui, sans-serif;
  color: var(--ink); background: var(--back); }
header { display: flex; align-items: baseline; gap: 1rem; padding: .7rem 1.2rem; background: var(--brand); color: #fff; }
header h1 { margin: 0; font-size: 1.1rem; } header a { color: inherit; text-decoration: none; }
header p { margin: 0; flex: 1; opacity: .8; font-size: .88rem; }
button { font: inherit; font-size: .85rem; padding: .25rem .8rem; border: 1px solid #ffffff66; border-radius: 6px;
  background: transparent; color: inherit; cursor: pointer; }
button:hover { background: #ffffff22; }
main { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(16rem, 24rem) 1fr; }
nav { overflow-y: auto; border-right: 1px solid var(--line); background: var(--paper); }
nav ol { list-style: none; margin: 0; padding: 0; }
nav a { display: grid; grid-template-columns: 1fr auto; gap: .1rem .8rem; padding: .65rem 1rem; color: inherit;
  text-decoration: none; border-bottom: 1px solid var(--line); border-left: 3px solid transparent; }
nav a:hover { background: var(--back); } nav a[aria-current] { background: var(--chosen); border-left-color: #c8962e; }
.subject { grid-column: 1 / -1; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.who, time, .clip, .empty, .hint { color: var(--muted); font-size: .84rem; }
.who { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.empty { padding: 1.2rem; } .hint { display: grid; place-items: center; }
article { overflow-y: auto; padding: 1.4rem 1.8rem; } h2 { margin: 0 0 .8rem; font-size: 1.3rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 0 1rem; font-size: .9rem; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
.attachments { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; padding: 0; margin: 0 0 1rem; }
.attachments li { padding: .45rem .8rem; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); }
.attachments a, .links a { color: inherit; } small { display: block; color: var(--muted); }
iframe { width: 100%; height: 34rem; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
details { margin-top: .8rem; } summary { cursor: pointer; color: var(--muted); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border-radius: 8px; background: var(--paper);
  border: 1px solid var(--line); font-size: .85rem; }
@media (max-width: 45rem) { main { grid-template-columns: 1fr; } .hint { display: none; } main.reading nav { display: none; } }
`;
