/** A page of the admin port: one look, nothing from elsewhere. `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --line: #8884; --accent: #1b7f4d; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; margin: 0; }
h1 + p { margin: .25rem 0 2rem; opacity: .75; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
ul { list-style: none; padding: 0; margin: 0; border-top: 1px solid var(--line); }
li { display: grid; grid-template-columns: 1fr auto; padding: .9rem 0; border-bottom: 1px solid var(--line); }
li p { grid-column: 1 / -1; margin: .1rem 0 0; opacity: .75; }
a { color: var(--accent); font-weight: 600; text-decoration: none; }
a:hover { text-decoration: underline; }
code { opacity: .7; }
:target { background: color-mix(in srgb, var(--accent) 12%, transparent); }
</style>
</head>
<body>
${body}
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text in which what stands in backquotes is code. */
export function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}
