import type { ContractConfig } from '../config/config.ts';

/** What is to be found on the admin port, for a person who opened it. */
export function indexPage(contract: ContractConfig | undefined): string {
  const entries = [
    ['/livez', 'Live', 'The process runs.'],
    ['/readyz', 'Ready', 'Whether this replica takes requests, and what it knows of its dependencies.'],
    ['/metrics', 'Metrics', 'For Prometheus.'],
    ...(contract
      ? [
          ['/admin/v1/routes', 'Routes', 'Every operation and where its traffic goes. May ask for a token.'],
          ['/reference', 'Reference', `The contract's ${contract.operations.length} operations, to read.`],
          ['/reference/contract.yaml', 'Contract', 'The OpenAPI document itself.'],
        ]
      : []),
  ];
  const rows = entries.map(
    ([href, title, about]) => `<li><a href="${href}">${title}</a><code>${href}</code><p>${about}</p></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Banyan gateway</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --line: #8884; --accent: #1b7f4d; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; margin: 0; }
h1 + p { margin: .25rem 0 2rem; opacity: .75; }
ul { list-style: none; padding: 0; margin: 0; border-top: 1px solid var(--line); }
li { display: grid; grid-template-columns: 1fr auto; padding: .9rem 0; border-bottom: 1px solid var(--line); }
li p { grid-column: 1 / -1; margin: .1rem 0 0; opacity: .75; }
a { color: var(--accent); font-weight: 600; text-decoration: none; }
a:hover { text-decoration: underline; }
code { opacity: .7; }
</style>
</head>
<body>
<h1>Banyan gateway</h1>
<p>Admin port${contract ? ` · contract <code>${escapeHtml(contract.file)}</code>` : ' · no contract: everything goes to the monolith unnamed'}</p>
<ul>
${rows.join('\n')}
</ul>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
